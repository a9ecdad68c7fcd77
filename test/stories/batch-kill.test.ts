/** Kill -9 in the middle of a batch: each of its calls has run once or not at all, in order, and what is said of each is true. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { needs } from "../needs.ts";
import { type Caller, callers, type Envelope } from "../world/callers.ts";
import { freePort, until } from "../world/until.ts";
import { startWorld, type World } from "../world/world.ts";

const here = needs("bwrap");
const longestMs = 45_000;
const open = new AsyncDisposableStack();
let world: World;
let agent: Caller;

before(async () => {
  if (here.skip) return;
  const settings = { PADDOCK_PORT: String(await freePort()), PADDOCK_ANSWER_BUDGET_SECONDS: "1" };
  world = open.use(await startWorld({ settings }));
  agent = open.use(await callers.REST(world));
});
after(() => open.disposeAsync());

type Part = "hub" | "runner";

interface Story {
  /** Names the files of this story. */
  name: string;
  kills: readonly Part[];
  failFast: boolean;
  /** How the second call ends, when it goes on. */
  exitCode?: number;
}

/** Three calls one after another; the second is in the middle of its work when the parts are killed. */
async function batchWithKill({ name, kills, failFast, exitCode = 0 }: Story) {
  const [lines, begun, go] = ["lines", "begun", "go"].map((file) => join(world.workspace, `${name}.${file}`));
  const append = (line: string) => ({ tool: "run_command", input: { command: `echo ${line} >> ${lines}` } });
  const command = `echo two >> ${lines}; : > ${begun}; until [ -e ${go} ]; do sleep 0.05; done; echo done >> ${lines}; (exit ${exitCode})`;
  const calls = [append("one"), { tool: "run_command", input: { command } }, append("three")];
  const started = await agent.call("batch", { calls, fail_fast: failFast });
  assert.equal(started.data.state, "running");
  await until(() => existsSync(String(begun)), longestMs);
  const pids = await world.pids();
  for (const part of kills) process.kill(pids[part], "SIGKILL");
  const isBack = (now: Record<Part, number>) => kills.every((part) => now[part] !== pids[part]);
  await until(() => world.pids().then(isBack, () => false), longestMs);
  writeFileSync(String(go), "");
  const ended = await until(() => answerOf(started.data.run_id), longestMs);
  return { ended, lines: readFileSync(String(lines), "utf8").trimEnd().split("\n") };
}

/** Null while the batch goes on, or nobody answers. */
async function answerOf(id: string): Promise<Envelope | null> {
  const answer = await agent.call("get_run", { id, wait_seconds: 5 }).catch(() => null);
  return answer?.data?.results ? answer : null;
}

interface Result {
  ran: boolean;
  state: string;
  ok: boolean;
}
const told = ({ data: { results, ...counts } }: Envelope) => ({
  ...counts,
  results: results.map(({ ran, state, ok }: Result) => [ran, state, ok]),
});

const done = [true, "completed", true];
const unknown = [true, "unknown", false];
const never = [false, "cancelled", false];

test("the hub is killed: the call under way goes on, and the next gets its word from the next hub", here, async () => {
  const { ended, lines } = await batchWithKill({ name: "hub", kills: ["hub"], failFast: true });
  assert.deepEqual(lines, ["one", "two", "done", "three"]);
  const counts = { outcome: "completed", succeeded: 3, failed: 0, not_run: 0 };
  assert.deepEqual(told(ended), { ...counts, results: [done, done, done] });
});

test("the hub is killed, and the call under way fails: with fail_fast the next hub starts no other", here, async () => {
  const story = { name: "hub-fails", kills: ["hub"], failFast: true, exitCode: 1 } as const;
  const { ended, lines } = await batchWithKill(story);
  assert.deepEqual(lines, ["one", "two", "done"]);
  const counts = { outcome: "partly_failed", succeeded: 1, failed: 1, not_run: 1 };
  assert.deepEqual(told(ended), { ...counts, results: [done, done, never] });
});

test("the runner is killed: the call under way is unknown and not repeated, and the next one runs", here, async () => {
  const { ended, lines } = await batchWithKill({ name: "runner", kills: ["runner"], failFast: false });
  assert.deepEqual(lines, ["one", "two", "three"]);
  const counts = { outcome: "partly_failed", succeeded: 2, failed: 1, not_run: 0 };
  assert.deepEqual(told(ended), { ...counts, results: [done, unknown, done] });
});

test(
  "the runner is killed, with fail_fast: what is unknown counts as failed, and the next one never runs",
  here,
  async () => {
    const { ended, lines } = await batchWithKill({ name: "runner-fails", kills: ["runner"], failFast: true });
    assert.deepEqual(lines, ["one", "two"]);
    const counts = { outcome: "partly_failed", succeeded: 1, failed: 1, not_run: 1 };
    assert.deepEqual(told(ended), { ...counts, results: [done, unknown, never] });
  },
);

test("hub and runner are killed at once: what ran, ran once, what is not known is said to be so", here, async () => {
  const { ended, lines } = await batchWithKill({ name: "both", kills: ["hub", "runner"], failFast: false });
  assert.deepEqual(lines, ["one", "two", "three"]);
  const counts = { outcome: "partly_failed", succeeded: 2, failed: 1, not_run: 0 };
  assert.deepEqual(told(ended), { ...counts, results: [done, unknown, done] });
});
