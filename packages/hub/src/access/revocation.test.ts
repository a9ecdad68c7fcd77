/** A token or a consent that is revoked is over for what is on its way, too. Nothing here goes by the clock. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { startTestHub, type TestHub } from "../hub.fixture.ts";
import type { Script } from "../machines/runner.fixture.ts";
import { letIn, ownersBrowser } from "../oauth/oauth.fixture.ts";

/** Calls go on until somebody ends them. */
const silent: Script = () => {};
/** Longer than any test: what ends sooner was ended. */
const patient = { answer_budget_seconds: 300 };
const mcpHeaders = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const toolCall = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "run_command", arguments: { command: "make" }, _meta: { progressToken: 1 } },
});

/** Two streams over MCP: the one for announcements, and the answer of a call that goes on. Both are open. */
async function openStreams(hub: TestHub, token: string) {
  const headers = { ...mcpHeaders, authorization: `Bearer ${token}` };
  const announcements = await fetch(`${hub.address}/mcp`, { headers });
  const call = fetch(`${hub.address}/mcp`, { method: "POST", headers, body: toolCall });
  return { announcements, call };
}

/** What revocation leaves to be read of those streams. */
async function readToEnd({ announcements, call }: Awaited<ReturnType<typeof openStreams>>) {
  const said = await (await call).text();
  const last = JSON.parse(
    said
      .replace(/^data: /gm, "")
      .trim()
      .split("\n")
      .at(-1) ?? "",
  );
  return { announced: await announcements.text(), code: last.result.structuredContent.data.code };
}

const nothingMore = { announced: ": open\n\n", code: "unauthorized" };

test("a revoked consent ends the streams of its client, and its machine is told", async () => {
  await using hub = await startTestHub(patient);
  const runner = await hub.dial({ script: silent });
  const { accessToken, client } = await letIn(hub, await ownersBrowser(hub));
  const streams = await openStreams(hub, accessToken);
  const call = await runner.next("call");
  assert.equal((await hub.control("DELETE", `/clients/${client.id}`)).status, 200);
  assert.deepEqual(await readToEnd(streams), nothingMore);
  assert.equal((await runner.next("end")).principal, call.principal.id);
});

test("a revoked token ends its streams and waits, of a batch too, and what a machine says later reaches nobody", async () => {
  await using hub = await startTestHub(patient);
  const runner = await hub.dial({ script: silent });
  const token = await hub.token();
  const other = await hub.token();
  const [{ id }] = (await hub.control("GET", "/tokens")).json.tokens;
  const streams = await openStreams(hub, token);
  const { run } = await runner.next("call");
  const calls = [{ tool: "exec", input: { program: "make" } }];
  const waits = [
    hub.http("GET", `/api/v1/runs/${run}?wait=30`, { token }),
    hub.call(token, "batch", { calls }),
    hub.call(token, "exec", { program: "make" }),
    hub.http("POST", "/api/v1/actions/run_command", { token, body: JSON.stringify({ command: "make" }) }),
  ];
  const kept = hub.call(other, "write_file", { path: "a", content: "b" });
  const isCall = (tool: string) => runner.heard.some((frame) => frame.type === "call" && frame.tool === tool);
  while (runner.heard.filter(({ type }) => type === "call").length < 5 || !isCall("write_file"))
    await new Promise((resolve) => setTimeout(resolve, 5));
  await hub.control("DELETE", `/tokens/${id}`);
  assert.deepEqual(await readToEnd(streams), nothingMore);
  const codes = (await Promise.all(waits)).map(({ json }) => (json.error ?? json.data).code);
  assert.deepEqual(codes, Array(waits.length).fill("unauthorized"));
  for (const frame of runner.heard) if (frame.type === "call") runner.finish(frame, { data: { late: true } });
  assert.deepEqual((await kept).json.data, { late: true });
});

test("a call that a lost link may have swallowed is not sent again once its token is revoked", async () => {
  await using hub = await startTestHub({ answer_budget_seconds: 0.05 });
  const away = await hub.dial({ script: silent });
  const token = await hub.token();
  const [{ id }] = (await hub.control("GET", "/tokens")).json.tokens;
  const { run_id: run } = (await hub.call(token, "run_command", { command: "make" })).json.data;
  await away.next("call", run);
  await away.close();
  await hub.control("DELETE", `/tokens/${id}`);
  const back = await hub.dial({ script: silent });
  await back.next("query", run);
  back.send({ type: "no_run", run });
  const answer = async () => (await hub.control("GET", `/runs/${run}`)).json.answer;
  while ((await answer()) === null) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal((await answer()).data.code, "not_sent");
  assert.deepEqual(
    back.heard.filter(({ type }) => type === "call" || type === "end").map(({ type }) => type),
    ["end"],
  );
});

for (const [path, body] of [
  ["/mcp", toolCall],
  ["/api/v1/tools/run_command", '{"command":"make"}'],
  ["/api/v1/actions/run_command", '{"command":"make"}'],
  ["/api/v1/exec", '{"program":"make"}'],
] as const) {
  test(`a call whose body comes slowly to ${path} is refused when the token is revoked meanwhile`, async () => {
    await using hub = await startTestHub();
    const runner = await hub.dial({ script: silent });
    const token = await hub.token();
    const [{ id }] = (await hub.control("GET", "/tokens")).json.tokens;
    const socket = connect(Number(new URL(hub.address).port), "127.0.0.1");
    const heads = {
      ...mcpHeaders,
      host: new URL(hub.address).host,
      authorization: `Bearer ${token}`,
      expect: "100-continue",
    };
    const lines = Object.entries({ ...heads, "content-length": body.length }).map((pair) => pair.join(": "));
    socket.write(`POST ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    // The hub wants the body: it has looked at the token by now.
    assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1.1 100 /);
    socket.write(body.slice(0, 5));
    await hub.control("DELETE", `/tokens/${id}`);
    socket.write(body.slice(5));
    let said = "";
    for await (const piece of socket) {
      said += piece;
      if (/unauthorized/.test(said)) break;
    }
    assert.match(said, /"code":"unauthorized"/);
    assert.deepEqual(
      runner.heard.filter(({ type }) => type === "call"),
      [],
    );
  });
}
