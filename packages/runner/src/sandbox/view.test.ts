import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { makeCages } from "./cages.fixture.ts";

const withBwrap = needs("bwrap");

test("a cage sees the workspace and its own home, not the owner's home nor Paddock's state", withBwrap, async () => {
  await using place = await makeCages();
  writeFileSync(join(place.ownerHome, "diary"), "private");
  const said = await place.script(`echo "$HOME"; ls -A ${place.home} ${place.ownerHome} 2>&1 | wc -l; touch made; pwd`);
  assert.deepEqual(said, { code: 0, stdout: `/run/home\n2\n${place.workspace}\n`, stderr: "" });
  assert.equal(statSync(join(place.workspace, "made")).uid, process.getuid?.());
});

test("the environment holds what the cage was given and nothing of ours", withBwrap, async () => {
  process.env.PADDOCK_TEST_SECRET = "leak";
  await using place = await makeCages();
  const { stdout } = await place.script("env | grep -c PADDOCK; echo $GIVEN", { env: { GIVEN: "yes" } });
  delete process.env.PADDOCK_TEST_SECRET;
  assert.equal(stdout, "0\nyes\n");
});

test("a given variable does not show in the host's process list", withBwrap, async () => {
  await using place = await makeCages();
  const caged = await place.cages.start(place.spec({ argv: ["cat"], env: { KEY: "not-for-everyone" } }));
  const line = readFileSync(`/proc/${caged.pid}/cmdline`, "utf8");
  await caged.kill(0);
  assert.equal(line.includes("not-for-everyone"), false);
});

test("a cage sees only its own processes", withBwrap, async () => {
  await using place = await makeCages();
  const { stdout } = await place.script(
    `ls /proc | grep -c '^[0-9]'; [ -e /proc/${process.pid}/environ ] && echo seen; true`,
  );
  assert.match(stdout, /^[1-9]\n$/);
});

test("a cage has no network: neither the host's loopback nor a way out", withBwrap, async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await using place = await makeCages();
  const { code, stdout } = await place.script(`cat /proc/net/route | wc -l; exec 3<>/dev/tcp/127.0.0.1/${port}`);
  server.close();
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "1\n" });
});

test("the system is read-only, and so is the cage's own root", withBwrap, async () => {
  await using place = await makeCages();
  const { stdout } = await place.script(
    "for f in /usr/x /etc/x /x; do touch $f 2>/dev/null && echo wrote $f; done; touch /tmp/x && echo ok",
  );
  assert.equal(stdout, "ok\n");
});

test("the kernel's settings cannot be written, not even by root", withBwrap, async () => {
  await using place = await makeCages();
  const { stdout } = await place.script(
    "cd /proc/sys; ls kernel/core_pattern; find kernel/core_pattern kernel/modprobe vm ../irq ../sysrq-trigger -type f -writable 2>/dev/null",
  );
  assert.equal(stdout, "kernel/core_pattern\n");
});

test("what namespaces do not divide is out of reach: keyrings, and sockets to a machine's own host", async (context) => {
  if (withBwrap.skip ?? needs("python3").skip) return context.skip("needs bwrap and python3");
  await using place = await makeCages();
  const { stdout } = await place.script(`python3 - <<'END'
import ctypes, errno, socket
def said(act):
    try: return act() and "possible"
    except OSError as fault: return errno.errorcode[fault.errno]
libc = ctypes.CDLL(None, use_errno=True)
def keyctl():
    if libc.syscall(${process.arch === "x64" ? 250 : 219}, 0, -4, 0) < 0: raise OSError(ctypes.get_errno(), "")
    return True
def uring():
    if libc.syscall(425, 1, 0) < 0: raise OSError(ctypes.get_errno(), "")
    return True
print(said(keyctl), said(uring), said(lambda: socket.socket(40, socket.SOCK_STREAM)), said(lambda: socket.socketpair()))
END`);
  assert.equal(stdout, "EPERM ENOSYS EAFNOSUPPORT possible\n");
});

test("no capabilities, no new privileges, no user namespaces", withBwrap, async () => {
  await using place = await makeCages();
  const { stdout } = await place.script(
    "grep -E '^(CapEff|NoNewPrivs)' /proc/self/status; unshare -U true 2>/dev/null && echo nested; true",
  );
  assert.equal(stdout, "CapEff:\t0000000000000000\nNoNewPrivs:\t1\n");
});

test("credentials are hidden even when the owner's home is a root", withBwrap, async () => {
  await using place = await makeCages("bwrap", ({ ownerHome }) => {
    mkdirSync(join(ownerHome, ".ssh"));
    writeFileSync(join(ownerHome, ".ssh", "id"), "key");
  });
  const roots = [{ path: place.ownerHome, write: true }];
  const said = await place.script("ls -A .ssh; touch .ssh/x 2>/dev/null; mv .ssh y 2>/dev/null; ls -A", {
    roots,
    cwd: place.ownerHome,
  });
  assert.deepEqual(said.stdout, ".ssh\n");
});

test(
  "what holds credentials cannot be renamed, so that the next cage does not see them either",
  withBwrap,
  async () => {
    await using place = await makeCages("bwrap", ({ ownerHome }) => {
      mkdirSync(join(ownerHome, ".ssh"));
      writeFileSync(join(ownerHome, ".ssh", "id"), "key");
    });
    const around = { roots: [{ path: join(place.ownerHome, ".."), write: true }], cwd: place.workspace };
    const said = [
      await place.script("mv ../owner ../renamed 2>/dev/null; mkdir ../owner/new && ls -A ../owner/.ssh", around),
      await place.script("cat ../*/.ssh/id 2>/dev/null; ls -A ../owner", around),
    ];
    assert.deepEqual(
      said.map(({ stdout }) => stdout),
      ["", ".ssh\nnew\n"],
    );
  },
);

test("credentials that came after the start are hidden from the cages that are made then", withBwrap, async () => {
  await using place = await makeCages();
  const roots = [{ path: place.ownerHome, write: true }];
  const key = join(place.ownerHome, ".ssh", "id");
  assert.equal(place.cages.isHidden(key), false);
  mkdirSync(join(place.ownerHome, ".ssh"));
  writeFileSync(key, "key");
  assert.equal(place.cages.isHidden(key), true);
  assert.equal((await place.script("cat .ssh/id 2>/dev/null", { roots, cwd: place.ownerHome })).stdout, "");
});

test("a root that is the whole machine shows neither its processes nor its sockets", withBwrap, async () => {
  await using place = await makeCages();
  for (const profile of ["workspace", "open"] as const) {
    const { stdout } = await place.script(
      `ls /run; ls /proc | grep -c '^[0-9]'; [ -e /proc/${process.pid}/environ ] && echo seen; [ -e /etc/hostname ] && echo host`,
      { profile, roots: [{ path: "/", write: true }], cwd: "/" },
    );
    assert.match(stdout, /^home\n[1-9]\nhost\n$/);
  }
});

test("what a cage has in memory is bounded, wherever it is", withBwrap, async () => {
  await using place = await makeCages();
  const { stdout } = await place.script(
    "df --output=target,size -k /run /var/tmp /dev/shm /tmp | tail -n +2 | tr -s ' '; touch /dev/x 2>/dev/null && echo /dev",
  );
  assert.equal(stdout, "/run 1024\n/var/tmp 8192\n/dev/shm 8192\n/tmp 8192\n");
});

test("Paddock's state is hidden even when a root contains it, and in an open cage", withBwrap, async () => {
  await using place = await makeCages();
  const base = join(place.home, "..");
  const inRoot = await place.script(`ls -A ${place.home}`, { roots: [{ path: base, write: true }] });
  assert.equal(inRoot.stdout, "");
  const open = await place.script(`ls -A ${place.home} 2>/dev/null; cat /etc/hostname >/dev/null && echo host`, {
    profile: "open",
    cwd: "/",
  });
  assert.equal(open.stdout, "host\n");
});

test("a readonly cage writes to none of its roots", withBwrap, async () => {
  await using place = await makeCages();
  const { code } = await place.script("touch x 2>/dev/null", { profile: "readonly" });
  assert.equal(code, 1);
});

test(
  "the configuration and hooks of the workspace's repository cannot be changed, renamed or made anew",
  withBwrap,
  async () => {
    await using place = await makeCages();
    const git = join(place.workspace, ".git");
    mkdirSync(git);
    writeFileSync(join(git, "config"), "[core]\n");
    const { stdout } = await place.script(
      "for c in 'echo x >>.git/config' 'rm .git/config' 'touch .git/hooks/post-commit' 'rmdir .git/hooks' 'mv .git g' 'rm -rf .git'; do " +
        'bash -c "$c" 2>/dev/null && echo "did: $c"; done; touch .git/HEAD && echo HEAD',
    );
    assert.equal(stdout, "HEAD\n");
    assert.equal(readFileSync(join(git, "config"), "utf8"), "[core]\n");
  },
);

test(
  "nor can the further configuration of a repository that reads one, whether it is there or not",
  withBwrap,
  async () => {
    await using place = await makeCages();
    const git = join(place.workspace, ".git");
    mkdirSync(git);
    writeFileSync(join(git, "config"), "[extensions]\n\tworktreeConfig = true\n");
    const attempt =
      "(echo x >>.git/config.worktree || { rm -f .git/config.worktree; echo x >.git/config.worktree; }) 2>/dev/null";
    for (const _ of [1, 2]) assert.equal((await place.script(attempt)).code, 1);
    assert.equal(readFileSync(join(git, "config.worktree"), "utf8"), "");
  },
);

test("a repository that reads its configuration elsewhere is shown read-only as a whole", withBwrap, async () => {
  await using place = await makeCages();
  const git = join(place.workspace, ".git");
  mkdirSync(join(git, "hooks"), { recursive: true });
  for (const name of ["config", "commondir"]) writeFileSync(join(git, name), "");
  const { code } = await place.script("touch .git/HEAD 2>/dev/null");
  assert.equal(code, 1);
});

test("private homes last, and each domain has its own", withBwrap, async () => {
  await using place = await makeCages();
  await place.script("echo mine >~/note");
  assert.equal((await place.script("cat ~/note")).stdout, "mine\n");
  assert.equal((await place.script("ls -A ~", { domain: "other" })).stdout, "");
});

test("only the descriptors that are handed on are open", withBwrap, async () => {
  await using place = await makeCages();
  const { stdout } = await place.script(
    'for fd in /proc/self/fd/*; do l=$(readlink $fd); case $l in /dev/null|/proc/*|pipe*|socket*) ;; *) [ -n "$l" ] && echo $l;; esac; done',
  );
  assert.equal(stdout, "");
});
