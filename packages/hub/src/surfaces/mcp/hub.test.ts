/** MCP through the real hub: who is let in, what is whose, and what survives a restart. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { startTestHub, type TestHub } from "../../hub.fixture.ts";
import { echo } from "../../machines/runner.fixture.ts";

const opening = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } },
};
const call = (name: string, args: object) => ({
  jsonrpc: "2.0",
  id: 2,
  method: "tools/call",
  params: { name, arguments: args },
});

const post = (hub: TestHub, message: object, headers: Record<string, string> = {}, path = "/mcp") =>
  hub.http("POST", path, {
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
    body: JSON.stringify(message),
  });

test("nobody gets in without a valid token, the right Host and an allowed Origin", async () => {
  await using hub = await startTestHub();
  const token = await hub.token();
  const authorization = `Bearer ${token}`;
  const statuses = await Promise.all([
    post(hub, opening),
    post(hub, opening, { authorization: "Bearer pad_wrong" }),
    post(hub, opening, { authorization: token }),
    post(hub, opening, {}, `/mcp?token=${token}`),
    post(hub, opening, { authorization, host: "evil.example" }),
    post(hub, opening, { authorization, origin: "https://evil.example" }),
    post(hub, opening, { authorization }),
  ]);
  assert.deepEqual(
    statuses.map(({ status }) => status),
    [401, 401, 401, 401, 403, 403, 200],
  );
});

test("a session belongs to the token it was made with, and a forged one to nobody", async () => {
  await using hub = await startTestHub();
  const [mine, yours] = await Promise.all([hub.token({ name: "mine" }), hub.token({ name: "yours" })]);
  const opened = await post(hub, opening, { authorization: `Bearer ${mine}` });
  const session = { "mcp-session-id": String(opened.headers["mcp-session-id"]) };
  const ping = { jsonrpc: "2.0", id: 3, method: "ping" };
  const answers = await Promise.all([
    post(hub, ping, { authorization: `Bearer ${mine}`, ...session }),
    post(hub, ping, { authorization: `Bearer ${yours}`, ...session }),
    post(hub, ping, { authorization: `Bearer ${mine}`, "mcp-session-id": "forged" }),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 404, 404],
  );
});

test("another token's run cannot be seen", async () => {
  await using hub = await startTestHub({ answer_budget_seconds: 1 });
  const runner = await hub.dial();
  const [mine, yours] = await Promise.all([hub.token({ name: "mine" }), hub.token({ name: "yours" })]);
  const waited = post(hub, call("read_text_file", { path: "a" }), {
    authorization: `Bearer ${mine}`,
    accept: "application/json",
  });
  const sent = await runner.next("call");
  runner.send({ type: "accepted", run: sent.run });
  const unfinished = (await waited).json.result.structuredContent;
  assert.deepEqual([unfinished.data.state, unfinished.data.run_id], ["running", sent.run]);
  const get = call("get_run", { id: sent.run, wait_seconds: 0 });
  const stolen = (await post(hub, get, { authorization: `Bearer ${yours}` })).json.result;
  assert.deepEqual([stolen.isError, stolen.structuredContent.data.code], [true, "run_not_found"]);
  runner.finish(sent, { data: { done: true } });
  const own = (await post(hub, call("get_run", { id: sent.run }), { authorization: `Bearer ${mine}` })).json.result;
  assert.deepEqual(own.structuredContent.data, { done: true });
});

test("the address can ask for less than the token allows, never for more", async () => {
  await using hub = await startTestHub();
  const authorization = `Bearer ${await hub.token({ toolset: "full" })}`;
  const less = `Bearer ${await hub.token({ name: "less", toolset: "core" })}`;
  const list = { jsonrpc: "2.0", id: 4, method: "tools/list" };
  const names = async (path: string): Promise<readonly string[]> =>
    (await post(hub, list, { authorization }, path)).json.result.tools.map((tool: { name: string }) => tool.name);
  assert.ok((await names("/mcp")).includes("git_push"));
  assert.ok(!(await names("/mcp?toolset=core")).includes("git_push"));
  assert.ok(!(await names("/mcp?toolset=readonly")).includes("write_file"));
  assert.equal((await post(hub, list, { authorization: less }, "/mcp?toolset=full")).status, 403);
  assert.equal((await post(hub, list, { authorization }, "/mcp?toolset=none")).status, 400);
});

test("an unknown tool is a tool result, and the next call works", async () => {
  await using hub = await startTestHub();
  await hub.dial({ script: echo });
  const authorization = `Bearer ${await hub.token()}`;
  const unknown = (await post(hub, call("no_such_tool", {}), { authorization })).json.result;
  assert.deepEqual([unknown.isError, unknown.structuredContent.data.code], [true, "unknown_tool"]);
  const known = (await post(hub, call("read_text_file", { path: "a" }), { authorization })).json.result;
  assert.deepEqual(known.structuredContent.data, { path: "a" });
});

test("arguments nested without end are refused, and the next call works", async () => {
  await using hub = await startTestHub();
  await hub.dial({ script: echo });
  const headers = { "content-type": "application/json", authorization: `Bearer ${await hub.token()}` };
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_text_file","arguments":{"path":${deep}}}}`;
  const refused = (await hub.http("POST", "/mcp", { headers, body })).json;
  assert.equal(refused.error.code, -32600);
  const next = (await post(hub, call("read_text_file", { path: "a" }), headers)).json.result;
  assert.deepEqual(next.structuredContent.data, { path: "a" });
});

test("a client goes on after the hub was started anew, without connecting again", async () => {
  await using hub = await startTestHub();
  const token = await hub.token();
  const { port } = new URL(hub.address);
  const client = new Client({ name: "t", version: "1" });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${hub.address}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  );
  await hub.restart({ port: Number(port) });
  await hub.dial({ script: echo });
  const { tools } = await client.listTools();
  assert.ok(tools.some((tool) => tool.name === "get_run"));
  await client.close();
});
