import assert from "node:assert/strict";
import { test } from "node:test";
import { tools } from "@paddock/contract/tools";
import { startTestHub, type TestHub } from "../../hub.fixture.ts";
import { echo, type Script } from "../../machines/runner.fixture.ts";
import { maxBodyBytes } from "../body.ts";
import { addresses, namesIn } from "./addresses.ts";

const post = (hub: TestHub, token: string, path: string, body: unknown, headers = {}) =>
  hub.http("POST", `/api/v1${path}`, { token, headers, body: JSON.stringify(body) });
const get = (hub: TestHub, token: string, path: string) => hub.http("GET", `/api/v1${path}`, { token });

test("an address stands for its tool: path, query and body are the input, and the rest is a call like any other", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: echo });
  const token = await hub.token();
  const called = await post(
    hub,
    token,
    "/mcp/servers/notes/tools/echo?workspace=/srv/app",
    { arguments: { words: "hi" }, timeout_seconds: 5 },
    { "idempotency-key": "k1" },
  );
  const { tool, input, workspace, run } = await runner.next("call");
  assert.deepEqual(
    [called.status, called.headers["paddock-run"], tool, workspace, input],
    [
      200,
      run,
      "mcp_call",
      "/srv/app",
      { arguments: { words: "hi" }, server_id: "notes", timeout_seconds: 5, tool: "echo" },
    ],
  );
  const again = await post(
    hub,
    token,
    "/mcp/servers/notes/tools/echo?workspace=/srv/app",
    { arguments: { words: "hi" }, timeout_seconds: 5 },
    { "idempotency-key": "k1" },
  );
  assert.deepEqual([again.headers["paddock-run"], again.text], [run, called.text]);
  const listed = await get(hub, token, "/mcp/servers?refresh=true");
  assert.deepEqual(listed.json.data, { refresh: true });
  assert.deepEqual((await get(hub, token, "/notifications/channels")).json.data, {});
});

test("what an address does not take is refused with the field", async () => {
  await using hub = await startTestHub();
  await hub.dial({ script: echo });
  const token = await hub.token();
  const answers = [
    await get(hub, token, "/runs?limt=3"),
    await get(hub, token, "/runs?limit=0"),
    await get(hub, token, "/runs?limit=many"),
    await get(hub, token, "/runs?cursor=run_x"),
    await get(hub, token, "/runs?toolset=everything"),
    await get(hub, token, "/runs?workspace=relative"),
    await post(hub, token, "/mcp/servers/notes/tools", { server_id: "other" }),
    await post(hub, token, "/notifications", []),
    await post(hub, token, "/notifications", "text"),
  ];
  assert.deepEqual(
    answers.map(({ status, json }) => [status, (json.error ?? json.data).code]),
    Array(answers.length).fill([400, "invalid_input"]),
  );
  const broken = await hub.http("POST", "/api/v1/notifications", { token, body: "{" });
  const huge = await hub.http("POST", "/api/v1/notifications", { token, body: Buffer.alloc(maxBodyBytes + 1, " ") });
  assert.deepEqual([broken.json.error.code, huge.status, huge.json.error.code], ["invalid_json", 413, "too_large"]);
  assert.equal((await get(hub, token, "/mcp/servers/%2e%2e%2f%2e%2e/tools")).status, 405);
  assert.equal((await get(hub, token, "/info")).status, 200);
});

test("no address gives a token more than its toolset does", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: echo });
  const reader = await hub.token({ toolset: "readonly" });
  const core = await hub.token({ toolset: "core" });
  const answers = await Promise.all([
    post(hub, reader, "/notifications", { text: "hi" }),
    post(hub, reader, "/mcp/servers/a/tools/b", {}),
    post(hub, reader, "/mcp/servers/a/tools", {}),
    post(hub, core, "/notifications", { text: "hi" }),
    get(hub, core, "/runs"),
    get(hub, core, "/mcp/servers?toolset=readonly"),
  ]);
  assert.deepEqual(
    answers.map(({ status, json }) => [status, (json.error ?? json.data).code]),
    [...Array(3).fill([403, "readonly"]), ...Array(3).fill([403, "forbidden"])],
  );
  assert.deepEqual(
    runner.heard.filter(({ type }) => type === "call"),
    [],
  );
});

test("a GET only reads, and everything else is a POST", () => {
  for (const address of addresses) {
    assert.equal(address.method, tools[address.tool].effect === "reads" ? "GET" : "POST", address.path);
    assert.equal(new Set(namesIn(address)).size, namesIn(address).length);
  }
});

test("a caller sees its own runs, page by page, and nobody else's", async () => {
  await using hub = await startTestHub({ answer_budget_seconds: 0.05 });
  const answersReads: Script = (frame, runner) => {
    if (frame.tool === "glob") runner.finish(frame);
  };
  await hub.dial({ script: answersReads });
  const [token, stranger] = [await hub.token(), await hub.token()];
  const ids: unknown[] = [];
  for (let count = 0; count < 5; count += 1) {
    ids.unshift((await hub.call(token, "glob", { pattern: "*" })).headers["paddock-run"]);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const open = (await hub.call(token, "write_file", { path: "a", content: "b" })).json.data.run_id;
  const seen: unknown[] = [];
  for (let path = "/runs?limit=2"; ; ) {
    const { data } = (await get(hub, token, path)).json;
    seen.push(...data.runs.map(({ id }: { id: string }) => id));
    if (data.next_cursor === null) break;
    path = `/runs?limit=2&cursor=${data.next_cursor}`;
  }
  assert.deepEqual(seen, [open, ...ids]);
  const { runs } = (await get(hub, token, "/runs?open=true")).json.data;
  const { created_at: _, ...rest } = runs[0];
  assert.deepEqual(
    [runs.length, rest],
    [1, { id: open, tool: "write_file", state: "accepted", ok: null, workspace: null, finished_at: null }],
  );
  assert.deepEqual((await get(hub, stranger, "/runs")).json.data, { runs: [], next_cursor: null });
  assert.deepEqual((await get(hub, stranger, `/runs?cursor=${open}`)).json.data.runs, []);
});

test("info tells limits and counts and no place, name or secret of the machine", async () => {
  await using hub = await startTestHub({ ntfy_topic: "my-topic", ntfy_url: "https://ntfy.example" });
  await hub.dial();
  const token = await hub.token({ name: "laptop", toolset: "core" });
  const { status, json, text } = await get(hub, token, "/info");
  assert.deepEqual([status, json.token], [200, { name: "laptop", toolset: "core", workspaces: [] }]);
  assert.deepEqual(json.counts, { machines: 1, machinesOnline: 1, openRuns: 0, waitingApprovals: 0 });
  for (const secret of ["/srv/app", "test-machine", hub.home, "my-topic", "ntfy.example", token]) {
    assert.equal(text.includes(secret), false, secret);
  }
});
