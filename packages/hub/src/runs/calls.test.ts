import assert from "node:assert/strict";
import { request } from "node:http";
import { hostname } from "node:os";
import { test } from "node:test";
import { ownMachine, type RunId } from "@paddock/contract";
import { startTestHub, type TestHub } from "../hub.fixture.ts";
import { aliasFrom } from "../machines/names.ts";
import { echo, type Script } from "../machines/runner.fixture.ts";

const silent: Script = () => {};

/** A call that outlasts the budget; its run id. */
async function startRun(hub: TestHub, token: string, tool = "write_file", headers = {}): Promise<RunId> {
  const reply = await hub.call(token, tool, { path: "a", content: "b" }, headers);
  assert.equal(reply.status, 202, reply.text);
  return reply.json.data.run_id;
}

test("a call is recorded, sent with its principal and deadline, answered byte for byte and acknowledged", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: echo });
  const token = await hub.token({ name: "laptop", toolset: "core", workspaces: ["/srv/app"] });
  const before = Date.now();
  const reply = await hub.call(token, "read_text_file", { path: "x", limit: 1 });
  const call = await runner.next("call");
  await runner.next("ack", call.run);
  assert.equal(
    reply.text,
    JSON.stringify({ ok: true, tool: "any", summary: "completed", data: { limit: 1, path: "x" } }),
  );
  assert.equal(reply.headers["paddock-run"], call.run);
  assert.deepEqual(call.principal, {
    id: call.principal.id,
    name: "laptop",
    surface: "rest",
    toolset: "core",
    workspaces: ["/srv/app"],
  });
  assert.equal(call.workspace, "/srv/app");
  assert.ok(call.deadline > before + 300_000 + 120_000, "covers the approval and the command");
  const { runs } = (await hub.control("GET", "/runs")).json;
  assert.deepEqual(
    runs.map((run: Record<string, unknown>) => [run.id, run.tool, run.state, run.ok, run.principal]),
    [[call.run, "read_text_file", "completed", true, call.principal.id]],
  );
});

test("a caller whose runs do not end leaves room for the others", async () => {
  await using hub = await startTestHub({ answer_budget_seconds: 0.001 });
  await hub.dial({ script: silent });
  const [greedy, other] = [await hub.token(), await hub.token()];
  for (let count = 0; count < 250; count += 1) await startRun(hub, greedy);
  const refused = await hub.call(greedy, "write_file", { path: "a", content: "b" });
  assert.deepEqual([refused.status, refused.json.data.code], [429, "too_many"]);
  await startRun(hub, other);
});

test("without a machine nothing is recorded as a run, and the refusal is on record", async () => {
  await using hub = await startTestHub();
  const token = await hub.token();
  const reply = await hub.call(token, "run_command", { command: "true" });
  assert.deepEqual([reply.status, reply.json.data.code], [503, "machine_offline"]);
  assert.deepEqual((await hub.control("GET", "/runs")).json.runs, []);
  assert.deepEqual(
    hub.audit(1).map(({ event, code, tool }) => [event, code, tool]),
    [["call.refused", "machine_offline", "run_command"]],
  );
});

test("a call that outlasts the budget goes on, and get_run and REST fetch its answer later", async () => {
  await using hub = await startTestHub({ answer_budget_seconds: 0.05 });
  const runner = await hub.dial({ script: silent });
  const token = await hub.token();
  const run = await startRun(hub, token, "read_text_file");
  assert.deepEqual((await hub.http("GET", `/api/v1/runs/${run}`, { token })).json.data, {
    state: "running",
    run_id: run,
  });
  runner.send({ type: "state", run, state: "waiting_approval" });
  const waiting = hub.call(token, "get_run", { id: run, wait_seconds: 30 });
  runner.finish(await runner.next("call", run), { data: { written: true } });
  assert.deepEqual((await waiting).json.data, { written: true });
  await runner.next("ack", run);
  const later = await hub.http("GET", `/api/v1/runs/${run}`, { token });
  assert.deepEqual([later.status, later.json.data], [200, { written: true }]);
});

test("another principal's run and a made-up one look the same", async () => {
  await using hub = await startTestHub({ answer_budget_seconds: 0.05 });
  const runner = await hub.dial({ script: silent });
  const run = await startRun(hub, await hub.token());
  const stranger = await hub.token({ name: "stranger" });
  const answers = [
    await hub.http("GET", `/api/v1/runs/${run}`, { token: stranger }),
    await hub.http("POST", `/api/v1/runs/${run}/cancel`, { token: stranger }),
    await hub.call(stranger, "get_run", { id: run }),
  ];
  assert.deepEqual(
    answers.map(({ status, json }) => [status, (json.error ?? json.data).code]),
    Array(3).fill([404, "run_not_found"]),
  );
  const madeUp = hub.http("GET", "/api/v1/runs/run_00000000000000000000000000", { token: stranger });
  const asked = await runner.next("query");
  runner.send({ type: "no_run", run: asked.run });
  assert.deepEqual([(await madeUp).status, (await madeUp).json.data.code], [404, "run_not_found"]);
  assert.equal(runner.heard.filter(({ type }) => type === "cancel").length, 0);
});

test("the same idempotency key gives the same run and the same answer, a different call with it a conflict", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: echo });
  const token = await hub.token();
  const headers = { "idempotency-key": "k1" };
  const first = await hub.call(token, "read_text_file", { path: "x", limit: 2 }, headers);
  const again = await hub.call(token, "read_text_file", { limit: 2, path: "x" }, headers);
  const other = await hub.call(token, "read_text_file", { path: "y" }, headers);
  const stranger = await hub.call(await hub.token(), "read_text_file", { path: "x" }, headers);
  assert.deepEqual([again.text, again.headers["paddock-run"]], [first.text, first.headers["paddock-run"]]);
  assert.deepEqual([other.status, other.json.data.code], [409, "idempotency_conflict"]);
  assert.notEqual(stranger.headers["paddock-run"], first.headers["paddock-run"]);
  assert.equal(runner.heard.filter(({ type }) => type === "call").length, 2);
});

test("two calls at once with one idempotency key are one run", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: silent });
  const token = await hub.token();
  const both = [1, 2].map(() => hub.call(token, "write_file", { path: "a" }, { "idempotency-key": "k" }));
  const call = await runner.next("call");
  while ((await hub.http("GET", "/healthz")).json.openRuns !== 1) await runner.next("call");
  const second = hub.call(token, "write_file", { path: "a" }, { "idempotency-key": "k" });
  runner.finish(call);
  const runs = (await Promise.all([...both, second])).map(({ headers }) => headers["paddock-run"]);
  assert.deepEqual(runs, [call.run, call.run, call.run]);
  assert.equal(runner.heard.filter(({ type }) => type === "call").length, 1);
});

test("a hub that was restarted in the middle asks for its open runs and hands out the result", async () => {
  await using hub = await startTestHub({ answer_budget_seconds: 0.05 });
  const runner = await hub.dial({ script: silent });
  const token = await hub.token();
  const run = await startRun(hub, token);
  runner.send({ type: "accepted", run });
  await hub.restart();
  const back = await hub.dial({ script: silent });
  const query = await back.next("query", run);
  back.finish(query, { data: { lines: 1 } });
  await back.next("ack", run);
  assert.deepEqual((await hub.http("GET", `/api/v1/runs/${run}`, { token })).json.data, { lines: 1 });
});

test("a call that no runner took is sent again over the next link, and runs once", async () => {
  await using hub = await startTestHub();
  const token = await hub.token();
  const deaf = await hub.dial({ script: silent });
  const answer = hub.call(token, "read_text_file", { path: "x" });
  const { run } = await deaf.next("call");
  await deaf.close();
  const back = await hub.dial({ boot: "boot-2", script: echo });
  assert.equal((await back.next("call")).run, run);
  assert.deepEqual((await answer).json.data, { path: "x" });
});

test("what a runner took and then lost is unknown, what never reached one was not sent", async () => {
  await using hub = await startTestHub({ answer_budget_seconds: 0.05 });
  const token = await hub.token();
  const runner = await hub.dial({ script: silent });
  const taken = await startRun(hub, token);
  const never = await startRun(hub, token, "read_text_file");
  runner.send({ type: "state", run: taken, state: "waiting_approval" });
  while ((await hub.control("GET", `/runs/${taken}`)).json.state !== "waiting_approval");
  await runner.close();
  await hub.restart();
  const back = await hub.dial({ boot: "boot-2" });
  for (const run of [taken, never]) {
    await back.next("query", run);
    back.send({ type: "no_run", run });
  }
  const codeOf = async (run: string) => (await hub.http("GET", `/api/v1/runs/${run}?wait=5`, { token })).json.data.code;
  assert.deepEqual([await codeOf(taken), await codeOf(never)], ["run_unknown", "not_sent"]);
});

test("a runner that died in the middle reports unknown, and its caller hears so with the run's id", async () => {
  await using hub = await startTestHub();
  const token = await hub.token();
  const dying = await hub.dial({ script: silent });
  const answer = hub.call(token, "run_command", { command: "echo a >> b" });
  const { run } = await dying.next("call");
  await dying.close();
  const nothingMore: Script = ({ run, channel }, to) =>
    to.send({ type: "result", run, channel, state: "unknown", ok: false, sizes: [0, 0] });
  await hub.dial({ boot: "boot-2", script: nothingMore });
  const { status, json } = await answer;
  assert.deepEqual([status, json.data.code, json.data.run_id], [500, "run_unknown", run]);
});

test("the first end of a run counts; a second, different one changes nothing and is acknowledged", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: echo });
  const token = await hub.token();
  const run = (await hub.call(token, "write_file", { path: "a" })).headers["paddock-run"] as RunId;
  await runner.next("ack", run);
  runner.heard.length = 0;
  runner.finish({ run, channel: 7 }, { state: "failed", data: { code: "internal" } });
  await runner.next("ack", run);
  const kept = (await hub.control("GET", `/runs/${run}`)).json;
  assert.deepEqual([kept.state, kept.answer.data], ["completed", { path: "a" }]);
});

test("a delivered read is not kept, and asking for it again says so", async () => {
  await using hub = await startTestHub();
  await hub.dial({ script: echo });
  const token = await hub.token();
  const run = (await hub.call(token, "read_text_file", { path: "a" })).headers["paddock-run"];
  const { status, json } = await hub.http("GET", `/api/v1/runs/${run}`, { token });
  assert.deepEqual(
    [status, json.error.code, json.error.nextStep],
    [404, "run_not_found", "Call the tool again; it only read."],
  );
});

test("cancelling tells the machine and the run ends as it says", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: silent });
  const token = await hub.token();
  const answer = hub.call(token, "run_command", { command: "sleep 60" });
  const call = await runner.next("call");
  assert.equal((await hub.http("POST", `/api/v1/runs/${call.run}/cancel`, { token })).status, 202);
  await runner.next("cancel", call.run);
  runner.send({ type: "result", run: call.run, channel: call.channel, state: "cancelled", ok: false, sizes: [0, 0] });
  const { status, json } = await answer;
  assert.deepEqual([status, json.data.code], [409, "cancelled"]);
});

test("a client that goes away ends the wait, not the run, and its answer is kept", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: silent });
  const token = await hub.token();
  const leaving = request(`${hub.address}/api/v1/tools/write_file`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  leaving.on("error", () => {});
  leaving.end("{}");
  const call = await runner.next("call");
  leaving.destroy();
  runner.finish(call, { data: { text: "late" } });
  await runner.next("ack", call.run);
  assert.deepEqual((await hub.http("GET", `/api/v1/runs/${call.run}`, { token })).json.data, { text: "late" });
});

test("bad input to the hub's own tools, and to a call as such, is refused with the field", async () => {
  await using hub = await startTestHub();
  await hub.dial({ script: echo });
  const token = await hub.token();
  let deep: unknown = 1;
  for (let depth = 0; depth < 100; depth += 1) deep = [deep];
  const refusals = [
    await hub.call(token, "get_run", { id: "run_x" }),
    await hub.call(token, "read_text_file", []),
    await hub.call(token, "read_text_file", { path: deep }),
    await hub.call(token, "no_such_tool", {}),
    await hub.call(token, "write_file", {}, { "idempotency-key": "k".repeat(201) }),
  ];
  assert.deepEqual(
    refusals.map(({ status, json }) => [status, json.data.code]),
    [
      [400, "invalid_input"],
      [400, "invalid_input"],
      [400, "invalid_input"],
      [404, "unknown_tool"],
      [400, "invalid_input"],
    ],
  );
  const machines = await hub.call(token, "list_machines");
  const { last_seen_at, ...machine } = machines.json.data.machines[0];
  assert.ok(Math.abs(Date.now() - Date.parse(last_seen_at)) < 60_000);
  assert.deepEqual(machine, {
    id: ownMachine,
    name: aliasFrom(hostname()),
    labels: [],
    online: true,
    disabled: false,
    workspace: "/srv/app",
    roots: [{ path: "/srv/app", write: true }],
    profile: "workspace",
    sandbox: "bwrap",
  });
  assert.deepEqual(
    hub.audit(6).map(({ event, tool }) => [event, tool]),
    [
      ["call.refused", "get_run"],
      ["call.refused", "read_text_file"],
      ["call.refused", "read_text_file"],
      ["call.refused", "no_such_tool"],
      ["call.refused", "write_file"],
      ["call.finished", "list_machines"],
    ],
  );
});
