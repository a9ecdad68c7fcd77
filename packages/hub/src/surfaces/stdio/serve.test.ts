import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client as ModernClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernTransport } from "@modelcontextprotocol/client/stdio";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { RunId } from "@paddock/contract";
import type { Answer, Runs } from "../../runs/runs.ts";
import { about, completed, only, principalOf, scriptedMachine, scriptedRuns, shownTools } from "../mcp/mcp.fixture.ts";
import { serveStdio } from "./serve.ts";

const info = { name: "test", version: "1" };
const program = { command: process.execPath, args: [fileURLToPath(import.meta.resolve("./program.fixture.ts"))] };
const modernMeta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const envelope = { ok: true, tool: "read_text_file", summary: "Read.", data: { path: "a", content: "hello" } };
const call = (id: number, more: object = {}) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: "read_text_file", arguments: { path: "a" }, ...more },
});
const reading = () => scriptedRuns((_call, run) => completed(run, { path: "a", content: "hello" }));

interface Sent {
  id?: unknown;
  method?: string;
  result?: Record<string, unknown>;
  error?: { code: number; data?: object };
  params?: object;
}

/** A client that writes lines and reads what comes back. */
function start(runs: Runs) {
  const input = new PassThrough();
  const output = new PassThrough();
  const machine = scriptedMachine();
  const log = { info() {}, warn() {}, error() {} };
  const done = serveStdio({
    runs,
    machines: only(machine),
    principal: principalOf("owner"),
    toolsFor: () => shownTools,
    version: "0.0.1",
    input,
    output,
    log,
  });
  const received = output.setEncoding("utf8").iterator({ destroyOnReturn: false });
  let text = "";
  return {
    input,
    output,
    machine,
    done,
    say(...messages: readonly (object | string)[]) {
      for (const message of messages)
        input.write(`${typeof message === "string" ? message : JSON.stringify(message)}\n`);
    },
    async next(): Promise<Sent> {
      while (!text.includes("\n")) text += (await received.next()).value;
      const end = text.indexOf("\n");
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      return JSON.parse(line);
    },
  };
}

function heldRuns() {
  const started = Promise.withResolvers<RunId>();
  const answer = Promise.withResolvers<Answer>();
  const runs = scriptedRuns((_call, run) => {
    started.resolve(run);
    return answer.promise;
  });
  return { runs, started: started.promise, finish: async () => answer.resolve(completed(await started.promise, {})) };
}

test("the official client of the legacy era works over a real program", async () => {
  const client = new LegacyClient(info);
  await client.connect(new LegacyTransport(program));
  assert.equal(client.getInstructions(), about.instructions);
  assert.equal((await client.listTools()).tools.length, shownTools.length);
  const result = await client.callTool({ name: "read_text_file", arguments: { path: "a" } });
  assert.deepEqual(result.structuredContent, envelope);
  await client.close();
});

for (const mode of ["legacy", "auto", { pin: "2026-07-28" }] as const) {
  test(`the official client of today works over a real program (${JSON.stringify(mode)})`, async () => {
    const client = new ModernClient(info, { versionNegotiation: { mode } });
    await client.connect(new ModernTransport(program));
    assert.equal((await client.listTools()).tools.length, shownTools.length);
    const result = await client.callTool({ name: "read_text_file", arguments: { path: "a" } });
    assert.deepEqual(result.structuredContent, envelope);
    await client.close();
  });
}

test("calls that were asked before the input ended are still answered", async () => {
  const client = start(reading());
  client.say(call(1), call(2));
  client.input.end();
  assert.deepEqual([(await client.next()).id, (await client.next()).id], [1, 2]);
  await client.done;
});

test("a client that closes its end ends the waits, not the runs", async () => {
  const { runs, started } = heldRuns();
  const client = start({
    ...runs,
    call: async (request) => {
      const aborted = new Promise<never>((_resolve, reject) =>
        request.signal?.addEventListener("abort", () => reject(new Error("gone"))),
      );
      return Promise.race([runs.call(request), aborted]);
    },
  });
  client.say(call(1));
  await started;
  client.output.destroy();
  await client.done;
  assert.deepEqual(runs.cancelled, []);
});

test("notifications/cancelled stops the run it means", async () => {
  const { runs, started, finish } = heldRuns();
  const client = start(runs);
  client.say(call(7));
  const run = await started;
  client.say(
    { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 8 } },
    { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } },
    { jsonrpc: "2.0", id: 9, method: "ping" },
  );
  assert.equal((await client.next()).id, 9);
  assert.deepEqual(runs.cancelled, [run]);
  await finish();
  client.input.end();
  await client.done;
});

test("a long call tells its progress to a client that asked", async () => {
  const { runs, finish } = heldRuns();
  const client = start(runs);
  client.say(call(1, { _meta: { progressToken: "p" } }));
  assert.deepEqual((await client.next()).params, {
    progressToken: "p",
    progress: 1,
    message: "Still running after 1 s.",
  });
  await finish();
  assert.equal((await client.next()).id, 1);
  client.input.end();
  await client.done;
});

test("a changed tool list is announced to a legacy client and to each modern subscription", async () => {
  const client = start(reading());
  client.machine.set({ ...about, bridged: true });
  client.say(
    { jsonrpc: "2.0", id: 1, method: "initialize", params: { protocolVersion: "2025-11-25" } },
    {
      jsonrpc: "2.0",
      id: "s",
      method: "subscriptions/listen",
      params: { _meta: modernMeta, notifications: { toolsListChanged: true } },
    },
  );
  // The acknowledgement overtakes, because it takes no promise.
  const opening = [await client.next(), await client.next()];
  assert.deepEqual(
    new Set(opening.map(({ id, method }) => id ?? method)),
    new Set([1, "notifications/subscriptions/acknowledged"]),
  );
  client.machine.set(about);
  const method = "notifications/tools/list_changed";
  assert.deepEqual(
    [await client.next(), await client.next()],
    [
      { jsonrpc: "2.0", method },
      { jsonrpc: "2.0", method, params: { _meta: { "io.modelcontextprotocol/subscriptionId": "s" } } },
    ],
  );
  client.input.end();
  await client.done;
});

const refused: readonly [string, string | object, number][] = [
  ["what is not JSON", "{", -32700],
  ["what is not JSON-RPC", { hello: 1 }, -32600],
  ["an unknown method", { jsonrpc: "2.0", id: 1, method: "server/discover" }, -32601],
  ["a call without a name", { jsonrpc: "2.0", id: 1, method: "tools/call", params: {} }, -32602],
  [
    "a revision that does not exist",
    call(1, { _meta: { ...modernMeta, "io.modelcontextprotocol/protocolVersion": "2099-01-01" } }),
    -32022,
  ],
  [
    "a modern request without capabilities",
    call(1, { _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } }),
    -32602,
  ],
  [
    "a subscription to nothing",
    { jsonrpc: "2.0", id: 1, method: "subscriptions/listen", params: { _meta: modernMeta } },
    -32602,
  ],
];
for (const [what, message, code] of refused) {
  test(`${what} is refused with ${code}, nothing is called, and the next call works`, async () => {
    const runs = reading();
    const client = start(runs);
    client.say(message);
    assert.equal((await client.next()).error?.code, code);
    assert.equal(runs.calls.length, 0);
    client.say(call(2));
    assert.deepEqual((await client.next()).result?.structuredContent, envelope);
    client.input.end();
    await client.done;
  });
}
