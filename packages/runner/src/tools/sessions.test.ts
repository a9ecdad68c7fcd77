import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { PaddockError } from "@paddock/contract";
import { needs } from "../../../../test/needs.ts";
import { makeCages } from "../sandbox/cages.fixture.ts";
import { openCages } from "../sandbox/open-cages.ts";
import { makeShells, type TestShells } from "./shell.fixture.ts";

const here = needs("bwrap", "script");

/** Types into a session, and reads until it has printed what is looked for. */
async function type(at: TestShells, id: string, input: string, until: RegExp, after = "0.0"): Promise<Read> {
  await at.ask("write_process", { id, input });
  return await untilPrinted(at, id, until, after);
}

interface Read {
  text: string;
  cursor: string;
}

async function untilPrinted(at: TestShells, id: string, until: RegExp, after = "0.0"): Promise<Read> {
  for (let cursor = after, text = ""; ; ) {
    const more = await at.ask("wait_process", { id, until: "output", cursor, timeout_seconds: 20 });
    text += more.stdout;
    cursor = more.cursor;
    if (until.test(text)) return { text, cursor };
    assert.ok(more.state === "running" && !more.timed_out, `only printed ${JSON.stringify(text.slice(-500))}`);
  }
}

test("a session has a terminal that is the cage's own, of the size that was asked for", here, async () => {
  await using at = await makeShells();
  const { id, terminal } = await at.ask("start_session", {
    command: 'tty; stty size; [ -t 0 -a -t 1 -a -t 2 ] && echo all; echo "$TERM"; ls /dev/pts; read -r',
    columns: 132,
    rows: 43,
  });
  assert.deepEqual(terminal, { columns: 132, rows: 43 });
  const { text } = await untilPrinted(at, id, /ptmx/);
  assert.equal(text, "/dev/pts/0\r\n43 132\r\nall\r\nxterm-256color\r\n0  ptmx\r\n");
});

test("it starts in the shell's directory with its variables, and shares its cage", here, async () => {
  await using at = await makeShells();
  await at.run("mkdir d; cd d; export A=1; echo here >/tmp/shared");
  const { id } = await at.ask("start_session", { command: 'pwd; echo "$A"; cat /tmp/shared; exit 3' });
  const { stdout, state, exit_code } = await at.ask("wait_process", { id, cursor: "0.0", timeout_seconds: 20 });
  assert.deepEqual([stdout, state, exit_code], [`${at.place.workspace}/d\r\n1\r\nhere\r\n`, "exited", 3]);
});

test("Ctrl-C ends what runs in the foreground, and the shell of the session goes on", here, async () => {
  await using at = await makeShells();
  const { id } = await at.ask("start_session", { command: "PS1='> ' bash --norc -i" });
  const busy = await type(at, id, "sh -c 'while :; do echo busy; done'\n", /busy\r\nbusy/);
  const quiet = await type(at, id, "\u0003", /\^C\r\n.*> $/s, busy.cursor);
  await type(at, id, "echo $((6 * 7))\n", /42\r\n/, quiet.cursor);
  assert.equal((await at.ask("wait_process", { id, timeout_seconds: 0 })).state, "running");
});

test("a signal reaches what is in the foreground only", here, async () => {
  await using at = await makeShells();
  const { id } = await at.ask("start_session", { command: "PS1='> ' bash --norc -i" });
  await type(at, id, "sleep 600 & sleep 601; echo went on\n", /sleep 601/);
  while ((await at.run("pgrep -x sleep | wc -l")).stdout.trim() !== "2") await delay(20);
  await at.ask("signal_process", { id, signal: "SIGINT" });
  const { text } = await type(at, id, "jobs; echo still $((1 + 1))\n", /still 2/);
  assert.match(text, /Running +sleep 600 &/);
});

test("a new size is told to the program in the foreground", here, async () => {
  await using at = await makeShells();
  const { id } = await at.ask("start_session", {
    command: "trap 'echo told' WINCH; while :; do stty size; sleep 0.05; done",
  });
  await untilPrinted(at, id, /24 80\r\n/);
  assert.deepEqual(await at.ask("resize_session", { id, columns: 100, rows: 50 }), {
    id,
    terminal: { columns: 100, rows: 50 },
  });
  assert.match((await untilPrinted(at, id, /50 100\r\n/)).text, /told/);
  const { processes } = await at.ask("process_status", { id });
  assert.deepEqual(processes[0]?.terminal, { columns: 100, rows: 50 });
});

test("only a session can be resized, only while it runs, and only by its own domain", here, async () => {
  await using at = await makeShells();
  const size = { columns: 100, rows: 50 };
  const process = await at.ask("start_process", { command: "read -r" });
  const ended = await at.ask("start_session", { command: "true" });
  const running = await at.ask("start_session", { command: "cat" });
  await at.ask("wait_process", { id: ended.id, timeout_seconds: 20 });
  const refused = (code: string) => (error: unknown) => error instanceof PaddockError && error.code === code;
  await assert.rejects(at.ask("resize_session", { id: process.id, ...size }), refused("invalid_input"));
  await assert.rejects(at.ask("resize_session", { id: ended.id, ...size }), refused("process_ended"));
  const other = { domain: "tok_other\n/somewhere\nworkspace" };
  for (const [tool, input] of [
    ["resize_session", size],
    ["write_process", { input: "x" }],
    ["process_output", {}],
    ["signal_process", { signal: "SIGKILL" }],
    ["stop_process", {}],
  ] as const) {
    await assert.rejects(at.ask(tool, { id: running.id, ...input }, other), refused("process_not_found"));
  }
});

test("each reader has a cursor of its own, and one that is slow is told what it has missed", here, async () => {
  await using at = await makeShells({ outputBytes: 64 * 1024 });
  const { id } = await at.ask("start_session", { command: "seq 100000; read -r" });
  const quick = await untilPrinted(at, id, /100000\r\n/);
  const first = await at.ask("process_output", { id, cursor: "0.0", max_bytes: 1_000 });
  assert.deepEqual([first.stdout.slice(0, 9), first.skipped.stdout, first.more], ["1\r\n2\r\n3\r\n", 0, true]);
  const rest = await at.ask("process_output", { id, cursor: first.cursor, max_bytes: 1_000_000 });
  const later = await at.ask("process_output", { id, cursor: rest.cursor, max_bytes: 1_000_000 });
  assert.ok(rest.skipped.stdout + later.skipped.stdout > 0);
  assert.equal(later.cursor, quick.cursor);
});

test("stopping a session ends all that it started", here, async () => {
  await using at = await makeShells();
  const { id } = await at.ask("start_session", {
    command: "sleep 600 & trap '' HUP TERM; echo up; while :; do sleep 1; done",
  });
  await untilPrinted(at, id, /up/);
  await at.ask("stop_process", { id, force: true });
  assert.equal((await at.run("pgrep -x 'sleep|script' | wc -l")).stdout.trim(), "0");
});

test("where nothing makes a terminal the caller is told what is missing", needs("bash"), async () => {
  await using cages = await makeCages("none");
  const bare = await openCages({ ...cages.options, toolPath: "/nowhere" });
  await using at = await makeShells({ cages: bare });
  const missing = (error: unknown) => error instanceof PaddockError && error.code === "command_not_found";
  await assert.rejects(at.ask("start_session", { command: "true" }), missing);
});
