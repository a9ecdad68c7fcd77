import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { needs } from "../../../../test/needs.ts";
import { makeCages } from "../sandbox/cages.fixture.ts";
import { makeShells, type Said, said } from "./shell.fixture.ts";

const withBwrap = needs("bwrap");

test("directory, variables, functions, aliases and options last between calls", withBwrap, async () => {
  await using at = await makeShells();
  await at.run(
    "mkdir -p sub; cd sub; export A='x y'; B=2; f() { echo \"f $A $1\"; }; alias greet='echo hello'; shopt -s nullglob",
  );
  assert.deepEqual(
    await at.run("pwd; f $B; greet; shopt -q nullglob && echo kept"),
    said(`${at.place.workspace}/sub\nf x y 2\nhello\nkept\n`),
  );
});

test("the time of a command stands still while the owner is asked for it", withBwrap, async () => {
  await using at = await makeShells();
  const { domain } = at.place.call({});
  const answered = Promise.withResolvers<void>();
  const asking = at.shells.pauses.during(domain, () => answered.promise);
  const command = "sleep 2; echo done";
  const inShell = await at.ask("run_command", { command, timeout_seconds: 1 });
  const fresh = await at.ask(
    "run_command",
    { command, timeout_seconds: 1 },
    { granted: { network: true, beyond: [] } },
  );
  answered.resolve();
  await asking;
  const after = await at.ask("run_command", { command: "sleep 300", timeout_seconds: 1 });
  assert.deepEqual(
    [inShell, fresh, after].map(({ stdout, timed_out }) => [stdout, timed_out]),
    [
      ["done\n", false],
      ["done\n", false],
      ["", true],
    ],
  );
});

test("an activated virtual environment lasts", withBwrap, async () => {
  await using at = await makeShells();
  at.place.write({
    "venv/bin/activate": 'export PATH="$PWD/venv/bin:$PATH"; deactivate() { :; }',
    "venv/bin/tool": "#!/bin/sh\necho from venv\n",
  });
  await at.run("chmod +x venv/bin/tool; . venv/bin/activate");
  assert.deepEqual(await at.run("cd /; tool"), said("from venv\n"));
});

test("both streams and the exit code are told apart", withBwrap, async () => {
  await using at = await makeShells();
  assert.deepEqual(
    await at.run("echo out; echo err >&2; echo dev >/dev/stderr; false"),
    said("out\n", 1, "err\ndev\n"),
  );
});

test("working_directory is for one command only", withBwrap, async () => {
  await using at = await makeShells();
  mkdirSync(join(at.place.workspace, "other"));
  const there = await at.ask("run_command", { command: "pwd; X=kept", working_directory: "other" });
  assert.equal(there.stdout, `${at.place.workspace}/other\n`);
  assert.equal(there.cwd, at.place.workspace);
  assert.deepEqual(await at.run("pwd; echo $X"), said(`${at.place.workspace}\nkept\n`));
  await assert.rejects(at.run("pwd", { working_directory: "missing" }), { code: "working_directory_not_found" });
});

test(
  "a timeout gives what was printed, ends what was started, and keeps the shell's directory, variables and functions",
  withBwrap,
  async () => {
    await using at = await makeShells();
    await at.run("mkdir d; cd d; export A=1; f() { echo f; }");
    const command = "echo begun; (setsid bash -c 'trap \"\" TERM; sleep 300' &); sleep 300 || echo wrong; echo wrong";
    const { checkpoint_id, checkpoint, process_id, ...rest } = await at.ask("run_command", {
      command,
      timeout_seconds: 1,
    });
    assert.deepEqual(rest, {
      cwd: `${at.place.workspace}/d`,
      stdout: "begun\n",
      stderr: "",
      exit_code: null,
      timed_out: true,
      truncated: false,
      shell_restarted: true,
    });
    assert.deepEqual(
      await at.run("pwd; echo $A; f; ps -e -o comm= | grep -c sleep"),
      said(`${at.place.workspace}/d\n1\nf\n0\n`, 1),
    );
  },
);

test("a timeout can promote the command to a background process, and the shell is free", withBwrap, async () => {
  await using at = await makeShells();
  await at.run("export A=1");
  const command = "echo one; sleep 2; echo two; exit 5";
  const first = await at.ask("run_command", { command, timeout_seconds: 1, on_timeout: "promote" });
  assert.deepEqual([first.timed_out, first.stdout, first.exit_code], [true, "one\n", null]);
  assert.deepEqual(await at.run("echo $A"), said("1\n"));
  const id = first.process_id ?? undefined;
  const ended = await at.ask("wait_process", { id, until: "end", timeout_seconds: 20, cursor: "0.0" });
  assert.deepEqual([ended.state, ended.exit_code, ended.stdout], ["exited", 5, "one\ntwo\n"]);
});

test("a background job returns at once, and what it prints later reaches no other call", withBwrap, async () => {
  await using at = await makeShells();
  const begun = performance.now();
  assert.deepEqual(await at.run("(sleep 1; echo late; sleep 300) & echo now"), said("now\n"));
  assert.ok(performance.now() - begun < 900);
  assert.deepEqual(await at.run("sleep 1.5; echo next"), said("next\n"));
  assert.deepEqual(await at.run("jobs -r | wc -l"), said("1\n"));
});

test("a job of an earlier call outlives a later timeout", withBwrap, async () => {
  await using at = await makeShells();
  await at.run("sleep 300 & echo $! >pid");
  await at.run("sleep 300", { timeout_seconds: 1 });
  assert.deepEqual(await at.run("kill -0 $(cat pid) && echo lives"), said("lives\n"));
});

const ending = {
  exit: "exit 7",
  "set -e": "set -e; (exit 7); echo no",
  exec: "exec bash -c 'exit 7'",
  "set -u": "set -u; (exit 7) || exit $?",
};
for (const [name, command] of Object.entries(ending)) {
  test(`after ${name} the next command finds directory and variables again`, withBwrap, async () => {
    await using at = await makeShells();
    await at.run("mkdir d; cd d; export A=1");
    await delay(200);
    const ended = await at.ask("run_command", { command });
    assert.deepEqual([ended.exit_code, ended.shell_restarted], [7, true]);
    assert.deepEqual(await at.run("pwd; echo $A"), said(`${at.place.workspace}/d\n1\n`));
  });
}

const hostile = {
  "closes its output": "exec 1>&- 2>&-",
  "redirects its output": "exec >/dev/null 2>&1",
  "reads its input": "read -r x; cat; exec </dev/zero",
  "has a syntax error": "if then fi )",
  "leaves a quote open": "echo 'x",
  "leaves a here-document open": "cat <<END\nx",
  "redefines what the shell uses":
    "printf() { :; }; declare() { :; }; alias printf=false builtin=false eval=false; IFS=0123456789",
  "forges the end of a command": "printf '\\0done 1 0 /\\0'; printf '\\0done 2 0 /\\0done 3 0 /\\0'",
  "traps everything": "trap '' INT TERM HUP; trap 'echo debug' DEBUG",
  "turns its shell inside out": "set -fuxv; unset PATH PWD HOME; export LC_ALL=xx POSIXLY_CORRECT=1",
  "kills what holds it": "kill -9 $PPID",
};
for (const [name, command] of Object.entries(hostile)) {
  test(`a command that ${name} does not break the next one`, withBwrap, async () => {
    await using at = await makeShells();
    await at.run("true");
    await at.run(command);
    const { stdout, exit_code } = await at.run("\\echo fine");
    assert.deepEqual([stdout.replaceAll("debug\n", ""), exit_code], ["fine\n", 0]);
  });
}

const stuck = {
  "redefines the builtins of bash": "builtin() { :; }; eval() { :; }; readonly -f builtin eval",
  "stops its own shell": "kill -STOP $$",
  "executes nothing more": "set -n",
  "loops without end and ignores signals": "trap '' TERM INT; while :; do :; done",
  "forks without end": "f() { f | f & }; f; sleep 300",
};
for (const [name, command] of Object.entries(stuck)) {
  test(`a command that ${name} ends at its timeout, and the next one works`, withBwrap, async () => {
    await using at = await makeShells();
    await at.run("cd /tmp");
    const ended = await at.ask("run_command", { command, timeout_seconds: 1 });
    assert.equal(ended.timed_out, true);
    assert.deepEqual(await at.run("pwd; echo fine"), said("/tmp\nfine\n"));
  });
}

test("what wants a terminal or a password fails at once", withBwrap, async () => {
  await using at = await makeShells();
  assert.deepEqual(
    await at.run("tty; { read -rsp password: x </dev/tty; } 2>/dev/null || echo none"),
    said("not a tty\nnone\n"),
  );
});

test("a long output is answered as its beginning and end, and the rest is there to be read", withBwrap, async () => {
  await using at = await makeShells();
  const ran = await at.ask("run_command", { command: "seq 100000" });
  assert.equal(ran.truncated, true);
  assert.match(ran.stdout, /^1\n2\n[\s\S]*bytes left out[\s\S]*\n99999\n100000\n$/);
  assert.ok(ran.stdout.length < 101_000);
  const rest = await at.ask("process_output", { id: ran.process_id ?? undefined, cursor: "100000.0", max_bytes: 20 });
  const whole = Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join("");
  assert.deepEqual([rest.stdout, rest.cursor, rest.more], [whole.slice(100_000, 100_020), "100020.0", true]);
});

test("a command that prints without end keeps the memory bounded and the process responsive", withBwrap, async () => {
  await using at = await makeShells();
  await at.run("true");
  const before = process.memoryUsage.rss();
  const { stdout } = await at.run("head -c 300000000 /dev/zero | tr '\\0' a; echo; echo end", { timeout_seconds: 120 });
  assert.ok(stdout.endsWith("a\nend\n"));
  assert.ok(process.memoryUsage.rss() - before < 100_000_000);
});

test("a second command waits for the first, and not for ever", withBwrap, async () => {
  await using at = await makeShells({ patienceMs: 300 });
  await at.run("true");
  const first = at.run("sleep 0.2; echo first");
  assert.deepEqual(await at.run("echo second"), said("second\n"));
  assert.deepEqual(await first, said("first\n"));
  const long = at.run("sleep 2");
  await assert.rejects(at.run("true"), { code: "shell_busy" });
  await long;
});

test("a cancelled call ends its command", withBwrap, async () => {
  await using at = await makeShells();
  await at.run("true");
  const abort = new AbortController();
  const call = at.run("sleep 300", {}, { signal: abort.signal });
  await delay(100);
  abort.abort(new Error("cancelled"));
  await assert.rejects(call, /cancelled/);
  assert.deepEqual(await at.run("ps -e -o comm= | grep -c sleep"), said("0\n", 1));
});

test("each domain has a shell of its own", withBwrap, async () => {
  await using at = await makeShells();
  await at.run("X=1; touch /tmp/mine");
  assert.deepEqual(await at.run("echo $X; ls /tmp/mine 2>/dev/null", {}, { domain: "another" }), said("\n", 2));
});

test("shell_status tells of the shell with credentials masked, shell_reset starts afresh", withBwrap, async () => {
  await using at = await makeShells();
  assert.equal((await at.ask("shell_status", {})).active, false);
  await at.run("export API_KEY=abcdefgh12345; cd /tmp; sleep 300 &");
  const { started_at, ...status } = await at.ask("shell_status", {});
  assert.match(started_at ?? "", /^\d{4}-/);
  assert.deepEqual(status, {
    active: true,
    busy: false,
    cwd: "/tmp",
    recent_commands: ["export API_KEY=[hidden]; cd /tmp; sleep 300 &"],
  });
  assert.deepEqual(await at.ask("shell_reset", {}), { cwd: at.place.workspace });
  assert.deepEqual(
    await at.run("pwd; echo $API_KEY; ps -e -o comm= | grep -c sleep"),
    said(`${at.place.workspace}\n\n0\n`, 1),
  );
});

test("commands that change something are covered by a checkpoint, others are not", withBwrap, async () => {
  await using at = await makeShells();
  assert.equal((await at.ask("run_command", { command: "ls | wc -l" })).checkpoint, "not_needed");
  assert.equal((await at.ask("run_command", { command: "echo x >y" })).checkpoint, "off");
  assert.deepEqual(at.place.checkpoints.asked, ["echo x >y"]);
});

test("a command that was allowed more runs by itself, from the shell's directory", withBwrap, async () => {
  await using at = await makeShells();
  const outside = join(at.place.state, "..", "..", "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "file"), "reached");
  await at.run("mkdir d; cd d; X=1");
  const beyond = [{ path: outside, access: "read" as const }];
  const inside = await at.run(`pwd; echo "$X"; cat ${outside}/file; touch ${outside}/new`, {}, { granted: { beyond } });
  assert.deepEqual([inside.stdout, inside.exit_code], [`${at.place.workspace}/d\n\nreached`, 1]);
  const free = await at.run(
    `cat ${outside}/file; ps -p ${process.pid} -o pid= | tr -d ' '`,
    {},
    { granted: { noCage: true } },
  );
  assert.deepEqual(free, said(`reached${process.pid}\n`));
});

test(
  "without a sandbox the shell works alike: state lasts, a timeout ends what was started, nothing is left",
  withBwrap,
  async () => {
    await using uncaged = await makeCages("none");
    await using at = await makeShells({ cages: uncaged.cages });
    await at.run("cd /usr; export A=1");
    const command = `echo begun; (setsid bash -c 'trap "" TERM; sleep 300' &); sleep 300 || echo wrong`;
    assert.deepEqual(await at.run(command, { timeout_seconds: 1 }), said("begun\n", null));
    assert.deepEqual(await at.run("pwd; echo $A"), said("/usr\n1\n"));
    await at.run("(setsid sleep 300 &)");
    const cage = at.shells.domains.live(at.place.call().domain);
    await at.shells.endAll();
    assert.deepEqual(cage?.members(), []);
  },
);

test(
  "a planted file that would have git configured from elsewhere is removed after the command",
  withBwrap,
  async () => {
    await using at = await makeShells();
    at.place.write({ ".git/config": "", ".git/hooks/none": "" });
    await at.run("echo ../evil >.git/commondir");
    assert.equal(existsSync(join(at.place.workspace, ".git", "commondir")), false);
  },
);

test("an idle shell is ended, unless something runs in it, and goes on where it was", withBwrap, async () => {
  await using at = await makeShells({ idleMs: 0 });
  await at.run("cd /usr; export A=1");
  await delay(200);
  await at.shells.reap();
  assert.equal((await at.ask("shell_status", {})).active, false);
  assert.deepEqual(await at.run("pwd; echo $A; sleep 300 &"), said("/usr\n1\n"));
  await at.shells.reap();
  assert.equal((await at.ask("shell_status", {})).active, true);
});

test(
  "a tree that forks without end in the background is ended soon, and the shell goes on",
  needs("bwrap"),
  async () => {
    await using at = await makeShells();
    await at.run("mkdir -p deep && cd deep");
    await at.run("f() { f | f & }; f");
    let said: Said;
    do {
      await delay(200);
      said = await at.run("ls -d . && pwd");
    } while (said.exit_code !== 0);
    assert.deepEqual(said.stdout, `.\n${at.place.workspace}/deep\n`);
  },
);
