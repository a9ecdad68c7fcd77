import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunId } from "@paddock/contract";
import { startTestHub, type TestHub } from "../hub.fixture.ts";
import type { Script, ScriptedRunner } from "../machines/runner.fixture.ts";

/** Admits each call at once. */
const admitting: Script = (frame, runner) => {
  if (frame.hold) runner.send({ type: "held", run: frame.run });
};

const write = (path: string) => ({ tool: "write_file", input: { path, content: "x" } });
const command = (text: string) => ({ tool: "run_command", input: { command: text } });

const batch = (hub: TestHub, token: string, input: object, headers = {}) =>
  hub.http("POST", "/api/v1/batch", { token, headers, body: JSON.stringify(input) });

const answerOf = async (hub: TestHub, token: string, run: string) =>
  (await hub.http("GET", `/api/v1/runs/${run}?wait=30`, { token })).json;

/** The calls as the runner has heard them, when there are so many. */
async function heardCalls(runner: ScriptedRunner, count: number) {
  const calls = () => runner.heard.filter((frame) => frame.type === "call");
  while (calls().length < count) await new Promise((resolve) => setTimeout(resolve, 2));
  return calls();
}

const words = (runner: ScriptedRunner, type: "go" | "cancel"): RunId[] =>
  runner.heard.flatMap((frame) => (frame.type === type ? [frame.run] : []));

test("one after another: each call gets the word when the one before has ended, and the answer has them all", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: admitting });
  const token = await hub.token();
  const answered = batch(hub, token, { calls: [write("a"), write("b"), command("false")] });
  const calls = await heardCalls(runner, 3);
  for (const [index, call] of calls.entries()) {
    await runner.next("go", call.run);
    assert.deepEqual(
      words(runner, "go"),
      calls.slice(0, index + 1).map(({ run }) => run),
    );
    runner.finish(call, { data: index === 2 ? { exit_code: 1 } : { index } });
  }
  const { status, json, headers } = await answered;
  assert.deepEqual([status, json.ok, json.summary], [200, true, "2 of 3 calls succeeded."]);
  const { results, ...counts } = json.data;
  assert.deepEqual(counts, { outcome: "partly_failed", succeeded: 2, failed: 1, not_run: 0 });
  assert.deepEqual(results[0], {
    ...{ index: 0, tool: "write_file", machine: results[0].machine, run_id: calls[0]?.run, ran: true },
    ...{ state: "completed", ok: true, summary: "completed", data: { index: 0 }, truncated: false },
  });
  const again = await answerOf(hub, token, String(headers["paddock-run"]));
  assert.deepEqual(again, json);
  assert.deepEqual((await answerOf(hub, token, results[1].run_id)).data, { index: 1 });
});

test("in parallel no more run at once than the caller says", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: admitting });
  const input = { calls: ["a", "b", "c"].map(write), order: "parallel", concurrency: 2 };
  const answered = batch(hub, await hub.token(), input);
  const [first, second, third] = await heardCalls(runner, 3);
  assert.ok(first && second && third);
  await runner.next("go", second.run);
  assert.deepEqual(words(runner, "go"), [first.run, second.run]);
  runner.finish(second);
  await runner.next("go", third.run);
  runner.finish(third);
  runner.finish(first);
  assert.equal((await answered).json.data.outcome, "completed");
});

test("when a machine refuses one call none runs, and each result says what became of it", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial();
  const answered = batch(hub, await hub.token(), { calls: [write("a"), write("b"), write("c")] });
  const [first, second, third] = await heardCalls(runner, 3);
  assert.ok(first && second && third);
  for (const { run } of [first, third]) runner.send({ type: "held", run });
  runner.finish(second, { state: "refused", data: { code: "denied" } });
  for (const { run, channel } of [first, third]) {
    await runner.next("cancel", run);
    runner.send({ type: "result", run, channel, state: "cancelled", ok: false, sizes: [0, 0] });
  }
  const { status, json } = await answered;
  assert.deepEqual(words(runner, "go"), []);
  assert.deepEqual([status, json.ok, json.data.code], [422, false, "batch_rejected"]);
  assert.deepEqual(
    json.data.details.results.map(({ ran, state, data }: { ran: boolean; state: string; data: { code: string } }) => [
      ran,
      state,
      data.code,
    ]),
    [
      [false, "cancelled", "cancelled"],
      [false, "refused", "denied"],
      [false, "cancelled", "cancelled"],
    ],
  );
});

test("no word before all are admitted, also for those that wait for the owner, and the batch says that it waits", async () => {
  await using hub = await startTestHub({ answer_budget_seconds: 0.2 });
  const runner = await hub.dial();
  const token = await hub.token();
  const started = batch(hub, token, { calls: [write("a"), write("b")] });
  const [first, second] = await heardCalls(runner, 2);
  assert.ok(first && second);
  runner.send({ type: "held", run: first.run });
  runner.send({ type: "state", run: second.run, state: "waiting_approval" });
  const { status, json } = await started;
  assert.deepEqual([status, json.data.state], [202, "waiting_approval"]);
  assert.deepEqual(words(runner, "go"), []);
  runner.send({ type: "held", run: second.run });
  for (const call of [first, second]) {
    await runner.next("go", call.run);
    runner.finish(call);
  }
  assert.equal((await answerOf(hub, token, json.data.run_id)).data.outcome, "completed");
});

test("what cannot be called at all refuses the batch before anything is sent, with the reason of each", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: admitting });
  const token = await hub.token();
  const calls = [
    write("a"),
    { tool: "no_such_tool" },
    { tool: "write_file", input: { path: "a" } },
    { tool: "get_run", input: { id: `run_${"0".repeat(26)}` } },
    { tool: "batch", input: { calls: [write("a")] } },
    { ...write("a"), idempotency_key: "k" },
    { ...write("b"), idempotency_key: "k" },
  ];
  const { status, json } = await batch(hub, token, { calls });
  assert.deepEqual([status, json.data.code], [422, "batch_rejected"]);
  assert.deepEqual(
    json.data.details.refused.map(({ index, code }: { index: number; code: string }) => [index, code]),
    [
      [1, "unknown_tool"],
      [2, "invalid_input"],
      [3, "invalid_input"],
      [4, "invalid_input"],
      [6, "idempotency_conflict"],
    ],
  );
  const bad = [{}, { calls: [] }, { calls: Array(101).fill(write("a")) }, { calls: [write("a")], concurrency: 99 }];
  for (const input of bad) assert.equal((await batch(hub, token, input)).json.data.code, "invalid_input");
  assert.deepEqual(
    runner.heard.filter(({ type }) => type === "call"),
    [],
  );
  assert.deepEqual((await hub.control("GET", "/runs")).json.runs, []);
});

test("a batch takes no more places than its caller has, and gives a token nothing that it does not have", async () => {
  await using hub = await startTestHub({ max_runs_per_caller: 3 });
  await hub.dial({ script: admitting });
  const calls = [write("a"), write("b"), write("c")];
  const crowded = await batch(hub, await hub.token(), { calls });
  const core = await batch(hub, await hub.token({ toolset: "core" }), { calls });
  const reader = await batch(hub, await hub.token({ toolset: "readonly" }), { calls });
  assert.deepEqual(
    [crowded, core, reader].map(({ status, json }) => [status, json.data.code]),
    [
      [429, "too_many"],
      [403, "forbidden"],
      [403, "readonly"],
    ],
  );
});

test("fail_fast: after a command that failed the rest gets an end instead of the word", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: admitting });
  const answered = batch(hub, await hub.token(), { calls: [command("false"), write("b")], fail_fast: true });
  const [first, second] = await heardCalls(runner, 2);
  assert.ok(first && second);
  await runner.next("go", first.run);
  runner.finish(first, { data: { exit_code: 1 } });
  await runner.next("cancel", second.run);
  const { run, channel } = second;
  runner.send({ type: "result", run, channel, state: "cancelled", ok: false, sizes: [0, 0] });
  const { data } = (await answered).json;
  assert.deepEqual(
    [data.outcome, data.failed, data.not_run, words(runner, "go")],
    ["partly_failed", 1, 1, [first.run]],
  );
});

test("a batch is cancelled by its caller only: what runs is asked to end, the rest never runs", async () => {
  await using hub = await startTestHub({ answer_budget_seconds: 0.05 });
  const runner = await hub.dial({ script: admitting });
  const [token, stranger] = [await hub.token(), await hub.token()];
  const { run_id } = (await batch(hub, token, { calls: [write("a"), write("b")] })).json.data;
  const calls = await heardCalls(runner, 2);
  await runner.next("go", calls[0]?.run);
  assert.equal((await hub.http("POST", `/api/v1/runs/${run_id}/cancel`, { token: stranger })).status, 404);
  assert.equal((await hub.http("GET", `/api/v1/runs/${run_id}`, { token: stranger })).status, 404);
  assert.equal((await hub.http("POST", `/api/v1/runs/${run_id}/cancel`, { token })).status, 202);
  for (const { run, channel } of calls) {
    await runner.next("cancel", run);
    runner.send({ type: "result", run, channel, state: "cancelled", ok: false, sizes: [0, 0] });
  }
  const { data } = await answerOf(hub, token, run_id);
  assert.deepEqual(
    [data.code, data.details.results.map(({ ran }: { ran: boolean }) => ran)],
    ["cancelled", [true, false]],
  );
});

test("a hub that died in the middle goes on where it was: nothing gets the word twice, and nothing is left out", async () => {
  await using hub = await startTestHub({ answer_budget_seconds: 0.05 });
  const runner = await hub.dial({ script: admitting });
  const token = await hub.token();
  const { run_id } = (await batch(hub, token, { calls: [write("a"), write("b"), write("c")] })).json.data;
  const [first, second, third] = (await heardCalls(runner, 3)).map(({ run }) => run);
  await runner.next("go", first);
  await runner.close();
  await hub.restart();
  const back = await hub.dial({ boot: "boot-1" });
  const ended = await back.next("query", first);
  back.finish(ended, { data: { first: true } });
  for (const run of [second, third]) {
    const query = await back.next("query", run);
    back.send({ type: "state", run: query.run, state: "accepted" });
    back.send({ type: "held", run: query.run });
  }
  for (const run of [second, third]) {
    await back.next("go", run);
    back.finish(await back.next("query", run));
  }
  const { data } = await answerOf(hub, token, run_id);
  assert.deepEqual([data.outcome, data.results[0].data], ["completed", { first: true }]);
  assert.deepEqual(words(back, "go"), [second, third]);
});

test("a word that a broken link lost is said again, and what the machine lost before it had the word was never sent", async () => {
  await using hub = await startTestHub({ answer_budget_seconds: 0.05 });
  const runner = await hub.dial({ script: admitting });
  const token = await hub.token();
  const { run_id } = (await batch(hub, token, { calls: [write("a"), write("b")], fail_fast: true })).json.data;
  const [first, second] = (await heardCalls(runner, 2)).map(({ run }) => run);
  assert.ok(first && second);
  await runner.next("go", first);
  await runner.close();
  const back = await hub.dial({ boot: "boot-2" });
  await back.next("query", first);
  back.send({ type: "held", run: first });
  await back.next("go", first);
  back.send({ type: "no_run", run: second });
  back.finish(await back.next("query", first));
  const { data } = await answerOf(hub, token, run_id);
  assert.deepEqual(
    data.results.map(({ ran, data: told }: { ran: boolean; data: { code?: string } }) => [ran, told.code]),
    [
      [true, undefined],
      [false, "not_sent"],
    ],
  );
});

test("an idempotency key holds for the batch and for each call: neither is made twice", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({
    script: (frame, at) => (frame.hold ? admitting(frame, at) : at.finish(frame, { data: { alone: true } })),
  });
  const token = await hub.token();
  const alone = await hub.call(token, "write_file", { path: "a", content: "x" }, { "idempotency-key": "one" });
  const input = {
    calls: [
      { ...write("a"), idempotency_key: "one" },
      { ...write("b"), idempotency_key: "two" },
    ],
  };
  const answered = batch(hub, token, input, { "idempotency-key": "whole" });
  const [, other] = await heardCalls(runner, 2);
  assert.ok(other);
  await runner.next("go", other.run);
  runner.finish(other);
  const { json, headers } = await answered;
  assert.deepEqual(
    json.data.results.map(({ run_id, data }: { run_id: string; data: object }) => [run_id, data]),
    [
      [alone.headers["paddock-run"], { alone: true }],
      [other.run, {}],
    ],
  );
  const again = await batch(hub, token, input, { "idempotency-key": "whole" });
  assert.deepEqual([again.headers["paddock-run"], again.json], [headers["paddock-run"], json]);
  const different = await batch(hub, token, { calls: [write("c")] }, { "idempotency-key": "whole" });
  assert.equal(different.json.data.code, "idempotency_conflict");
  const taken = await batch(hub, token, { calls: [{ ...write("c"), idempotency_key: "two" }] });
  assert.deepEqual(taken.json.data.details.refused[0].code, "idempotency_conflict");
  assert.equal((await heardCalls(runner, 2)).length, 2);
});
