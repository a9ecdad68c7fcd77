import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { about, completed, scriptedRuns, startSurface } from "./mcp.fixture.ts";

const info = { name: "test", version: "1" };
const initialize = (version: string) => ({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: version, capabilities: {}, clientInfo: info },
});
const call = (id: number | string, name: string, args: object = {}, more: object = {}) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args, ...more },
});
const reading = () => scriptedRuns((_call, run) => completed(run, { content: "hello", path: "/srv/app/a" }));
const envelope = { ok: true, tool: "read_text_file", summary: "Read.", data: { content: "hello", path: "/srv/app/a" } };
const modernMeta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const modernHeaders = (method: string, name?: string) => ({
  "mcp-protocol-version": "2026-07-28",
  "mcp-method": method,
  ...(name === undefined ? {} : { "mcp-name": name }),
});

describe("clients", () => {
  test("the official client of the legacy era connects, lists and calls", async () => {
    await using world = await startSurface(reading());
    const client = new LegacyClient(info);
    await client.connect(new LegacyTransport(new URL(world.url)) as Parameters<typeof client.connect>[0]);
    assert.equal(client.getInstructions(), about.instructions);
    assert.deepEqual(
      (await client.listTools()).tools.map((tool) => tool.name),
      ["read_text_file", "write_file"],
    );
    const result = await client.callTool({ name: "read_text_file", arguments: { path: "a" } });
    assert.deepEqual(result.structuredContent, envelope);
    assert.deepEqual(result.content, [{ type: "text", text: JSON.stringify(envelope) }]);
    await client.close();
  });

  for (const mode of ["legacy", { pin: "2026-07-28" }] as const) {
    test(`the official client of today connects, lists and calls (${JSON.stringify(mode)})`, async () => {
      await using world = await startSurface(reading());
      const client = new ModernClient(info, { versionNegotiation: { mode } });
      await client.connect(new ModernTransport(new URL(world.url)));
      assert.equal(client.getInstructions(), about.instructions);
      assert.equal((await client.listTools()).tools.length, 2);
      const result = await client.callTool({ name: "read_text_file", arguments: { path: "a" } });
      assert.deepEqual(result.structuredContent, envelope);
      await client.close();
    });
  }
});

describe("opening", () => {
  for (const version of ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]) {
    test(`initialize agrees on ${version}`, async () => {
      await using world = await startSurface(reading());
      const response = await world.post(initialize(version));
      assert.deepEqual(await response.json(), {
        jsonrpc: "2.0",
        id: 1,
        result: {
          protocolVersion: version,
          capabilities: { tools: { listChanged: true } },
          serverInfo: { name: "paddock", title: "Paddock", version: "0.0.1" },
          instructions: about.instructions,
        },
      });
      assert.match(response.headers.get("mcp-session-id") ?? "", /^[\w-]+\.[\w-]+$/);
    });
  }

  test("an unknown revision is answered with the newest legacy one", async () => {
    await using world = await startSurface(reading());
    const answer = (await (await world.post(initialize("1999-01-01"))).json()) as {
      result: { protocolVersion: string };
    };
    assert.equal(answer.result.protocolVersion, "2025-11-25");
  });

  test("server/discover of the modern era is answered", async () => {
    await using world = await startSurface(reading());
    const message = { jsonrpc: "2.0", id: 1, method: "server/discover", params: { _meta: modernMeta } };
    const answer = (await (await world.post(message, modernHeaders("server/discover"))).json()) as { result: object };
    assert.deepEqual(answer.result, {
      supportedVersions: ["2026-07-28"],
      capabilities: { tools: { listChanged: true } },
      instructions: about.instructions,
      ttlMs: 0,
      cacheScope: "private",
      resultType: "complete",
      _meta: { "io.modelcontextprotocol/serverInfo": { name: "paddock", title: "Paddock", version: "0.0.1" } },
    });
  });

  test("server/discover without the modern fields, before initialize, gets method not found with HTTP 200", async () => {
    await using world = await startSurface(reading());
    const response = await world.post({ jsonrpc: "2.0", id: 4, method: "server/discover" });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), {
      jsonrpc: "2.0",
      id: 4,
      error: { code: -32601, message: "Method not found" },
    });
  });

  test("while the machine is away, initialize works and says so", async () => {
    await using world = await startSurface(reading());
    world.machine.set(null);
    const answer = (await (await world.post(initialize("2025-11-25"))).json()) as { result: { instructions: string } };
    assert.match(answer.result.instructions, /not connected/);
  });
});

describe("calls", () => {
  test("a call needs no session, and passes on workspace, toolset and idempotency key", async () => {
    const runs = reading();
    await using world = await startSurface(runs);
    await world.post(
      call(1, "read_text_file", { path: "a" }, { _meta: { "paddock/idempotencyKey": "k1" } }),
      {},
      "/mcp?toolset=core&workspace=/srv/app",
    );
    const { principal, tool, input, workspace, idempotencyKey } = runs.calls[0] ?? assert.fail("no call");
    assert.deepEqual(
      { workspaces: principal.workspaces, tool, input, workspace, idempotencyKey },
      {
        workspaces: ["/srv/app"],
        tool: "read_text_file",
        input: { path: "a" },
        workspace: "/srv/app",
        idempotencyKey: "k1",
      },
    );
  });

  test("further content follows the text", async () => {
    const image = { type: "image", data: "AAAA", mimeType: "image/png" };
    await using world = await startSurface(
      scriptedRuns((_call, run) => completed(run, {}, { content: Buffer.from(JSON.stringify([image])) })),
    );
    const answer = (await (await world.post(call(1, "read_text_file"))).json()) as { result: { content: unknown[] } };
    assert.deepEqual(answer.result.content[1], image);
  });

  test("a large answer is sent once, and the text says where", async () => {
    const content = "é".repeat(100_000);
    await using world = await startSurface(scriptedRuns((_call, run) => completed(run, { content })));
    const answer = (await (await world.post(call(1, "read_text_file"))).json()) as {
      result: { content: { text: string }[]; structuredContent: { data: { content: string } } };
    };
    assert.equal(answer.result.structuredContent.data.content, content);
    assert.match(answer.result.content[0]?.text ?? "", /200\d\d\d bytes.*structuredContent/);
  });

  test("a failure is a tool result, not a protocol error", async () => {
    const envelope = Buffer.from(
      '{"ok":false,"tool":"x","summary":"No.","data":{"code":"unknown_tool","message":"No.","next_step":"Look."}}',
    );
    await using world = await startSurface(
      scriptedRuns(() => ({ run: null, state: "refused", ok: false, envelope, content: null })),
    );
    const answer = (await (await world.post(call("a", "x"))).json()) as {
      id: string;
      result: { isError: boolean; structuredContent: object };
    };
    assert.deepEqual(
      [answer.id, answer.result.isError, answer.result.structuredContent],
      ["a", true, JSON.parse(envelope.toString())],
    );
  });

  test("the bare answer of search is shown as it is, its failure as text only", async () => {
    const bare = { results: [{ id: "1", title: "a", url: "file:///a" }] };
    const failed = {
      ok: false,
      tool: "search",
      summary: "No.",
      data: { code: "denied", message: "No.", next_step: "-" },
    };
    const answers = [bare, failed].values();
    await using world = await startSurface(
      scriptedRuns((_call, run) => {
        const value = answers.next().value;
        const ok = value === bare;
        return completed(
          run,
          {},
          { ok, state: ok ? "completed" : "refused", envelope: Buffer.from(JSON.stringify(value)) },
        );
      }),
    );
    const [good, bad] = [await world.post(call(1, "search")), await world.post(call(2, "search"))];
    const text = (value: object) => [{ type: "text", text: JSON.stringify(value) }];
    assert.deepEqual(((await good.json()) as { result: object }).result, {
      content: text(bare),
      structuredContent: bare,
    });
    assert.deepEqual(((await bad.json()) as { result: object }).result, { content: text(failed), isError: true });
  });

  test("a batch of the legacy era is answered", async () => {
    await using world = await startSurface(reading());
    const response = await world.post([call(1, "read_text_file"), { jsonrpc: "2.0", id: 2, method: "tools/list" }]);
    const ids = [...(await response.text()).matchAll(/"id":(\d)/g)].map(([, id]) => id);
    assert.deepEqual(ids.toSorted(), ["1", "2"]);
  });

  test("a bug is answered with a reference and the next call works", async () => {
    let first = true;
    const runs = scriptedRuns((_call, run) => {
      if (!first) return completed(run, {});
      first = false;
      throw new TypeError("secret detail");
    });
    await using world = await startSurface(runs);
    const broken = await world.post(call(1, "read_text_file"));
    const text = await broken.text();
    assert.equal(broken.status, 500);
    assert.match(text, /Internal error, reference [0-9a-f-]{36}/);
    assert.doesNotMatch(text, /secret/);
    assert.equal((await world.post(call(2, "read_text_file"))).status, 200);
  });

  test("both eras say the same in tools/list", async () => {
    await using world = await startSurface(reading());
    const legacy = (await (await world.post({ jsonrpc: "2.0", id: 1, method: "tools/list" })).json()) as {
      result: { tools: unknown };
    };
    const message = { jsonrpc: "2.0", id: 1, method: "tools/list", params: { _meta: modernMeta } };
    const modern = (await (await world.post(message, modernHeaders("tools/list"))).json()) as {
      result: { tools: unknown; resultType: string };
    };
    assert.deepEqual(modern.result.tools, legacy.result.tools);
    assert.equal(modern.result.resultType, "complete");
  });
});

describe("refusals", () => {
  const modernCall = call(1, "read_text_file", { path: "a" }, { _meta: modernMeta });
  const rows: readonly [string, unknown, Record<string, string>, number, number][] = [
    ["invalid JSON", "{", {}, 400, -32700],
    ["an empty body", "", {}, 400, -32700],
    ["what is not JSON-RPC", { hello: 1 }, {}, 400, -32600],
    ["a request whose id is null", { jsonrpc: "2.0", id: null, method: "tools/call" }, {}, 400, -32600],
    ["params that are a list", { jsonrpc: "2.0", id: 1, method: "ping", params: [] }, {}, 400, -32600],
    ["a long batch", Array.from({ length: 33 }, (_, id) => ({ jsonrpc: "2.0", id, method: "ping" })), {}, 400, -32600],
    ["another content type", call(1, "read_text_file"), { "content-type": "text/plain" }, 415, -32000],
    [
      "a revision that does not exist",
      call(1, "read_text_file"),
      { "mcp-protocol-version": "1900-01-01" },
      400,
      -32000,
    ],
    [
      "a modern header without the modern fields",
      call(1, "read_text_file"),
      modernHeaders("tools/call", "read_text_file"),
      400,
      -32602,
    ],
    ["a modern call without Mcp-Method", modernCall, { "mcp-protocol-version": "2026-07-28" }, 400, -32020],
    [
      "a modern call whose Mcp-Name names another tool",
      modernCall,
      modernHeaders("tools/call", "write_file"),
      400,
      -32020,
    ],
    [
      "a modern call whose Mcp-Method names another method",
      modernCall,
      modernHeaders("tools/list", "read_text_file"),
      400,
      -32020,
    ],
    [
      "an unknown modern method",
      { jsonrpc: "2.0", id: 1, method: "ping", params: { _meta: modernMeta } },
      modernHeaders("ping"),
      404,
      -32601,
    ],
  ];
  for (const [what, body, headers, status, code] of rows) {
    test(`${what} is refused with ${status} and ${code}, nothing is called, and the next call works`, async () => {
      const runs = reading();
      await using world = await startSurface(runs);
      const response = await world.post(body, headers);
      const answer = (await response.json()) as { error: { code: number } };
      assert.deepEqual([response.status, answer.error.code, runs.calls.length], [status, code, 0]);
      assert.equal((await world.post(call(2, "read_text_file"))).status, 200);
    });
  }

  test("other verbs are not allowed, and a GET that wants no stream is one of them", async () => {
    await using world = await startSurface(reading());
    const statuses = await Promise.all(
      ["GET", "PUT", "PATCH"].map(async (method) => (await fetch(world.url, { method })).status),
    );
    assert.deepEqual(statuses, [405, 405, 405]);
  });
});
