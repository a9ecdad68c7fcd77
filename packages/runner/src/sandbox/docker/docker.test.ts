import assert from "node:assert/strict";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../../../../../test/needs.ts";
import { membersOfEnvironment } from "../../processes/process-table.ts";
import { spawnProgram } from "../../processes/spawn.ts";
import { makeShells, said } from "../../tools/shell.fixture.ts";
import type { Caged } from "../cage.ts";
import { makeCages, type TestCages, testDocker } from "../cages.fixture.ts";
import { openCages } from "../open-cages.ts";
import { Engine } from "./engine.ts";

const withDocker = needs("docker");
const secret = "the-owners-secret";
const dockerCages = (prepare?: Parameters<typeof makeCages>[1], listed: readonly string[] = []) =>
  makeCages("docker", prepare, listed);

const started = (place: TestCages, script: string): Promise<Caged> =>
  place.cages.start(place.spec({ argv: ["/bin/bash", "-c", script] }));

test("a container holds what a cage promises, and says so", withDocker, async () => {
  await using place = await dockerCages();
  assert.deepEqual(place.cages.proof, {
    ...{ kind: "docker", memory: "cage", pids: "cage", cpus: "cage" },
    ...{ namespacesClosed: true, callsFiltered: true },
  });
});

test("it shows the workspace and a home of its own, not the owner's nor Paddock's state", withDocker, async () => {
  await using place = await dockerCages();
  writeFileSync(join(place.ownerHome, "diary"), secret);
  const ours = `[ -e ${place.home} ] || [ -e ${place.ownerHome} ] || [ -S ${testDocker.socket} ] || echo unseen`;
  const ran = await place.script(`echo $HOME; ${ours}; env | grep -c OWN; echo made >made; pwd`);
  assert.deepEqual(ran, { code: 0, stdout: `/run/home\nunseen\n0\n${place.workspace}\n`, stderr: "" });
  assert.equal(statSync(join(place.workspace, "made")).uid, process.getuid?.());
});

test(
  "it has no network, no capabilities, no new privileges, no namespaces, and a system that stays",
  withDocker,
  async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    await using place = await dockerCages();
    const { stdout } = await place.script(
      `cat /proc/net/route | wc -l; (exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null && echo reached
    grep -hE '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status
    unshare -U true 2>/dev/null && echo nested
    for f in /usr/x /etc/x /x /proc/sys/kernel/core_pattern; do (echo >>$f) 2>/dev/null && echo wrote $f; done
    ls -d /proc/[0-9]* | wc -l; true`,
    );
    server.close();
    assert.match(stdout, /^1\nCapEff:\t0{16}\nCapBnd:\t0{16}\nNoNewPrivs:\t1\nSeccomp:\t2\n[1-9]\n$/);
  },
);

test(
  "what is hidden cannot be read or changed, and a repository's configuration cannot be changed",
  withDocker,
  async () => {
    await using place = await dockerCages(
      ({ workspace }) => {
        mkdirSync(join(workspace, ".git", "hooks"), { recursive: true });
        mkdirSync(join(workspace, "keys"));
        for (const path of [".env", "keys/id", ".git/config"]) writeFileSync(join(workspace, path), secret);
      },
      [".env", "keys"],
    );
    const { stdout } = await place.script(
      `(cat .env; ls keys; rm -rf .env keys; mv .env a; mv keys b; mv .git c; echo x >.git/config; echo x >.git/hooks/h
    rm -f .git/config; echo x >.git/index) 2>/dev/null; ls -A`,
    );
    const git = join(place.workspace, ".git");
    assert.deepEqual(
      [stdout, readFileSync(join(git, "config"), "utf8"), existsSync(join(git, "hooks", "h"))],
      [".env\n.git\nkeys\n", secret, false],
    );
  },
);

test("a hidden file that is saved anew on the host stops the container", withDocker, async () => {
  await using place = await dockerCages(({ workspace }) => writeFileSync(join(workspace, ".env"), secret), [".env"]);
  const caged = await started(place, "sleep 300");
  writeFileSync(join(place.workspace, ".env.new"), secret);
  renameSync(join(place.workspace, ".env.new"), join(place.workspace, ".env"));
  await caged.exited;
  assert.match(caged.stopped ?? "", /exchanged/);
});

test("nothing runs in a container in which a link has led the engine elsewhere", withDocker, async () => {
  await using place = await dockerCages(({ workspace, ownerHome }) => {
    writeFileSync(join(ownerHome, "config"), secret);
    mkdirSync(join(ownerHome, "hooks"));
    symlinkSync(ownerHome, join(workspace, "link"));
  });
  const attacker = await started(
    place,
    `mkdir -p .git/hooks; echo >.git/config; echo on
    while :; do mv -T .git d; mv -T link .git; mv -T .git link; mv -T d .git; done 2>/dev/null`,
  );
  await new Promise((resolve) => attacker.stdout.once("data", resolve));
  const seen = new Set<string>();
  for (let round = 0; round < 6; round += 1) {
    const outcome = await place.script("cat .git/config").catch(({ code }) => ({ stdout: `refused: ${code}` }));
    seen.add(outcome.stdout.trim());
  }
  await attacker.kill(0);
  assert.equal(
    [...seen].some((text) => text.includes(secret)),
    false,
    [...seen].join(),
  );
});

test("memory, files and /tmp are bounded", withDocker, async () => {
  await using place = await dockerCages();
  const codes = [
    "set -o pipefail; head -c 600M /dev/zero | tail -c 600M >/dev/null",
    "head -c 20M /dev/zero >big",
    "head -c 10M /dev/zero >/tmp/big",
  ].map(async (script) => (await place.script(script)).code);
  assert.equal((await Promise.all(codes)).includes(0), false);
});

test("input, both outputs and the exit code arrive", withDocker, async () => {
  await using place = await dockerCages();
  const argv = ["/bin/bash", "-c", "wc -c; seq 100000 | tail -1; echo err >&2; exit 7"];
  const { code, stdout, stderr } = await place.cages.run(place.spec({ argv }), {
    ...{ input: "x".repeat(300_000), maxBytes: 1000, timeoutMs: 60_000 },
  });
  assert.deepEqual([code, stdout.toString(), stderr.toString()], [7, "300000\n100000\n", "err\n"]);
});

test("a file that is handed on is found open", withDocker, async () => {
  await using place = await dockerCages(({ workspace }) => writeFileSync(join(workspace, "given"), "handed on"));
  const fd = openSync(join(place.workspace, "given"), "r");
  const { stdout } = await place.script("cat <&3", { inherit: [fd] });
  closeSync(fd);
  assert.equal(stdout, "handed on");
});

test("the persistent shell lives in a container", withDocker, async () => {
  await using uncaged = await dockerCages();
  await using at = await makeShells({ cages: uncaged.cages });
  await at.run("mkdir sub; cd sub; export A=1; f() { echo f $A; }");
  assert.deepEqual(await at.run("pwd; f; sleep 300 &"), said(`${at.place.workspace}/sub\nf 1\n`));
  const cage = at.shells.domains.live(at.place.call().domain);
  assert.ok((cage?.members().length ?? 0) > 1);
  await at.shells.endAll();
  assert.deepEqual(cage?.members(), []);
});

test("what a runner that is gone has left is ended at the start, and nobody else's", withDocker, async () => {
  await using place = await dockerCages();
  await using other = await dockerCages();
  const [left, kept] = [await started(place, "sleep 300"), await started(other, "sleep 300")];
  const again = await openCages(place.options);
  await left.exited;
  again.close();
  assert.ok(kept.members().length > 0);
  await kept.kill(0);
});

test("a container ends with the runner that started it, also when that is killed", withDocker, async () => {
  const mark = `paddock-test-${process.pid}-${Date.now()}`;
  const script = `
    const { makeCages } = await import(${JSON.stringify(join(import.meta.dirname, "..", "cages.fixture.ts"))});
    const place = await makeCages("docker");
    await place.cages.start(place.spec({ argv: ["sleep", "300"], env: { MARK: "${mark}" } }));
    console.log("ready");
    setInterval(() => {}, 1000);`;
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  const starter = spawnProgram({
    argv: [process.execPath, "--input-type=module", "-e", script],
    env,
    stdio: ["ignore", "pipe", 2],
  });
  await new Promise((resolve) => starter.stdout?.once("data", resolve));
  const members = () => membersOfEnvironment(`MARK=${mark}`);
  assert.ok(members().length > 0);
  starter.kill("SIGKILL");
  for (let waited = 0; members().length > 0 && waited < 20_000; waited += 50)
    await new Promise((go) => setTimeout(go, 50));
  assert.deepEqual(members(), []);
});

test(
  "an image that is not pinned, not there, an engine that is not there, and a whole machine are refused",
  withDocker,
  async () => {
    await using place = await dockerCages();
    const opening = (docker: object) =>
      openCages({ ...place.options, home: join(place.home, "x"), docker: { ...testDocker, ...docker } });
    await assert.rejects(opening({ image: "debian:12" }), { code: "invalid_config" });
    await assert.rejects(opening({ image: `sha256:${"0".repeat(64)}` }), {
      code: "sandbox_unavailable",
      nextStep: /docker pull/,
    });
    await assert.rejects(opening({ socket: "/nowhere/docker.sock" }), {
      code: "sandbox_unavailable",
      nextStep: /systemctl start docker/,
    });
    await assert.rejects(place.script("true", { profile: "open" }), { code: "cannot_enforce" });
    assert.equal((await new Engine(testDocker.socket).image("nobody/has-this"))?.id, undefined);
  },
);
