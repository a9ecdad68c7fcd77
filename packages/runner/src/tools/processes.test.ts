import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { ProcessRegistry } from "../processes/registry.ts";
import { makeShells, said, type TestShells } from "./shell.fixture.ts";

const withBwrap = needs("bwrap");

/** Waits until a process has printed `text` on stdout. */
async function untilPrinted(at: TestShells, id: string, text: string): Promise<string> {
  for (let cursor = "0.0", all = ""; ; ) {
    const {
      stdout,
      cursor: next,
      timed_out,
    } = await at.ask("wait_process", { id, until: "output", cursor, timeout_seconds: 20 });
    all += stdout;
    cursor = next;
    if (all.includes(text)) return all;
    assert.equal(timed_out, false, `only printed ${JSON.stringify(all)}`);
  }
}

const ended = async (at: TestShells, id: string) => {
  const { state, exit_code, signal, stdout, stderr } = await at.ask("wait_process", {
    id,
    cursor: "0.0",
    timeout_seconds: 20,
  });
  return { state, exit_code, signal, stdout, stderr };
};

test(
  "a process runs in the background with the shell's directory and variables, and tells how it ended",
  withBwrap,
  async () => {
    await using at = await makeShells();
    await at.run("mkdir d; cd d; export A=1");
    const { id, state, cwd, command, pid, exit_code } = await at.ask("start_process", {
      command: 'read -r; pwd; echo "$A"; echo err >&2; exit 4',
    });
    assert.deepEqual(
      { state, cwd, command, exit_code },
      {
        state: "running",
        cwd: `${at.place.workspace}/d`,
        command: 'read -r; pwd; echo "$A"; echo err >&2; exit 4',
        exit_code: null,
      },
    );
    assert.ok(pid === null || pid > 0);
    await at.ask("write_process", { id, input: "go on\n" });
    assert.deepEqual(await ended(at, id), {
      state: "exited",
      exit_code: 4,
      signal: null,
      stdout: `${at.place.workspace}/d\n1\n`,
      stderr: "err\n",
    });
  },
);

test("a command of the shell reaches the port of a background process and sees its files in /tmp", {
  ...needs("bwrap", "python3"),
}, async () => {
  await using at = await makeShells();
  const server =
    "import http.server as h; s=h.HTTPServer(('127.0.0.1',0),h.SimpleHTTPRequestHandler); print(s.server_port,flush=True); s.serve_forever()";
  const { id } = await at.ask("start_process", { command: `echo here >/tmp/note; exec python3 -c "${server}"` });
  const port = (await untilPrinted(at, id, "\n")).trim();
  const { stdout } = await at.run(
    `cat /tmp/note; exec 5<>/dev/tcp/127.0.0.1/${port}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&5; head -1 <&5`,
  );
  assert.match(stdout, /^here\nHTTP\/1\.0 200/);
});

test("a process reads what is written to it until its input is closed", withBwrap, async () => {
  await using at = await makeShells();
  const { id } = await at.ask("start_process", { command: "while read -r line; do echo got $line; done; echo end" });
  assert.deepEqual(await at.ask("write_process", { id, input: "one\n" }), { id, bytes: 4 });
  await untilPrinted(at, id, "got one\n");
  await at.ask("write_process", { id, input: "two\n", close_stdin: true });
  assert.equal((await ended(at, id)).stdout, "got one\ngot two\nend\n");
  await assert.rejects(at.ask("write_process", { id, input: "x" }), { code: "process_ended" });
});

test("a signal reaches the process, SIGINT too", withBwrap, async () => {
  await using at = await makeShells();
  const { id } = await at.ask("start_process", {
    command: "trap 'echo caught; exit 0' INT; echo ready; while :; do sleep 0.1; done",
  });
  await untilPrinted(at, id, "ready");
  await at.ask("signal_process", { id, signal: "SIGINT" });
  const { stdout, exit_code } = await ended(at, id);
  assert.deepEqual([stdout, exit_code], ["ready\ncaught\n", 0]);
});

test("stop ends the whole tree, also what ignores SIGTERM and has left its session", withBwrap, async () => {
  await using at = await makeShells();
  const command = "trap '' TERM; (setsid bash -c 'trap \"\" TERM; sleep 300' &); echo ready; sleep 300";
  const { id } = await at.ask("start_process", { command });
  await untilPrinted(at, id, "ready");
  const stopped = await at.ask("stop_process", { id, force: true });
  assert.deepEqual(stopped, { id, state: "exited", exit_code: 137, signal: "SIGKILL", already_ended: false });
  assert.deepEqual(await at.run("ps -e -o comm= | grep -c sleep"), said("0\n", 1));
  assert.equal((await at.ask("stop_process", { id })).already_ended, true);
});

test("stop asks first", withBwrap, async () => {
  await using at = await makeShells();
  const { id } = await at.ask("start_process", {
    command: "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.1; done",
  });
  await untilPrinted(at, id, "ready");
  const { exit_code } = await at.ask("stop_process", { id });
  assert.equal(exit_code, 3);
  assert.equal((await at.ask("process_output", { id })).stdout, "ready\nbye\n");
});

test("output is read on by cursor, cut between characters, with the gap counted", withBwrap, async () => {
  await using at = await makeShells({ outputBytes: 2000 });
  const { id } = await at.ask("start_process", { command: "printf '€%.0s' {1..1000}" });
  await ended(at, id);
  const first = await at.ask("process_output", { id, cursor: "0.0", max_bytes: 100 });
  assert.deepEqual([first.stdout, first.cursor, first.more], ["€".repeat(33), "99.0", true]);
  const gap = await at.ask("process_output", { id, cursor: "250.0", max_bytes: 100 });
  assert.deepEqual([gap.stdout, gap.skipped.stdout > 1900, gap.more], ["€".repeat(33), true, true]);
  assert.equal((await at.ask("process_output", { id, tail_chars: 5 })).stdout, "€€€€€");
});

test("a wait ends early with the first output, and late without", withBwrap, async () => {
  await using at = await makeShells();
  const { id } = await at.ask("start_process", { command: "echo first; sleep 300" });
  await untilPrinted(at, id, "first");
  const { cursor } = await at.ask("process_output", { id });
  const waited = await at.ask("wait_process", { id, until: "output", cursor, timeout_seconds: 0.1 });
  const { stdout, timed_out, state } = waited;
  assert.deepEqual({ stdout, timed_out, state }, { stdout: "", timed_out: true, state: "running" });
});

test("there is a cap on running processes, and ended ones can be forgotten", withBwrap, async () => {
  await using at = await makeShells({ maxProcesses: 2 });
  const first = await at.ask("start_process", { command: "sleep 300" });
  await at.ask("start_process", { command: "sleep 300" });
  await assert.rejects(at.ask("start_process", { command: "true" }), { code: "too_many" });
  await at.ask("stop_process", { id: first.id, force: true });
  assert.deepEqual(await at.ask("clear_processes", {}), { cleared: 1 });
  const { processes } = await at.ask("process_status", {});
  assert.deepEqual(
    processes.map(({ state }) => state),
    ["running"],
  );
});

test("another domain's process does not exist", withBwrap, async () => {
  await using at = await makeShells();
  const { id } = await at.ask("start_process", { command: "sleep 300" });
  for (const tool of ["process_output", "stop_process", "process_status"] as const) {
    await assert.rejects(at.ask(tool, { id }, { domain: "another" }), { code: "process_not_found" });
  }
  assert.deepEqual(await at.ask("process_status", {}, { domain: "another" }), { processes: [] });
});

test("credentials in a command are masked where it is shown and kept", withBwrap, async () => {
  await using at = await makeShells();
  const { command } = await at.ask("start_process", { command: "true --token abcdefghijkl" });
  assert.equal(command, "true --token [hidden]");
  assert.equal(readFileSync(join(at.place.state, "processes.json"), "utf8").includes("abcdefghijkl"), false);
});

test("after a restart of the runner the list tells the truth", withBwrap, async () => {
  await using at = await makeShells();
  const done = await at.ask("start_process", { command: "exit 3" });
  await ended(at, done.id);
  const running = await at.ask("start_process", { command: "sleep 300" });
  const { domain } = at.place.call();
  const again = new ProcessRegistry({ path: join(at.place.state, "processes.json"), maxRunning: 4 });
  assert.deepEqual(
    again.list(domain).map(({ record: { id, state, exitCode } }) => ({ id, state, exitCode })),
    [
      { id: done.id, state: "exited", exitCode: 3 },
      { id: running.id, state: "lost", exitCode: null },
    ],
  );
});

test("when the shells are closed nothing is left running", withBwrap, async () => {
  const at = await makeShells();
  await at.run("sleep 300 & (setsid sleep 300 &)");
  await at.ask("start_process", { command: "sleep 300" });
  const cage = at.shells.domains.live(at.place.call().domain);
  await at[Symbol.asyncDispose]();
  assert.equal(cage?.isOpen, false);
});

test("large output comes as it was printed, and bytes that are no text as the mark of such", withBwrap, async () => {
  await using at = await makeShells();
  const line = String.raw`"quoted" \ back€slash${"\t"}and more`;
  writeFileSync(join(at.place.workspace, "lines"), `${`${line}\n`.repeat(2_000)}`);
  writeFileSync(join(at.place.workspace, "bytes"), Buffer.alloc(20_000, Buffer.from([0x41, 0xff, 0x0a])));
  const { id } = await at.ask("start_process", { command: "cat lines; cat bytes" });
  await at.ask("wait_process", { id, timeout_seconds: 20 });
  const { stdout } = await at.ask("process_output", { id, cursor: "0.0", max_bytes: 1_000_000 });
  assert.equal(stdout, `${line}\n`.repeat(2_000) + Buffer.alloc(20_000, Buffer.from([0x41, 0xff, 0x0a])).toString());
  const whole = await at.ask("process_output", { id, cursor: "0.0", max_bytes: 50_000 });
  assert.equal(whole.stdout, `${line}\n`.repeat(2_000).slice(0, whole.stdout.length));
  assert.ok(whole.stdout.length > 16_384);
});
