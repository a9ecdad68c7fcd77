import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { type NodeIncomingMessageLike, toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { makePlace } from "../tools/place.fixture.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { openBridge, writeServers } from "./index.ts";
import { testServer } from "./server.fixture.ts";

const token = "Bearer s3cr3t-token";

/** A bridge to an HTTP server; the bridge has no use for cages here, so it gets a door that never opens. */
function bridgeTo(url: string) {
  const place = makePlace();
  const file = join(place.state, "bridge.json");
  writeServers(file, [{ id: "web", transport: "http", url, headers: { authorization: token } }]);
  const closed = () => Promise.reject(new Error("No cage is wanted."));
  const bridge = openBridge({
    ...{ file, acceptedFile: join(place.state, "accepted.json"), approvals: place.approvals },
    ...{
      cages: { kind: "none", start: closed, run: closed },
      doorFor: () => null,
      idleSeconds: 600,
      startMs: 30_000,
      log: { error() {} },
      changed() {},
      version: "0.0.0",
    },
  });
  return {
    ...{ bridge, place },
    call: (tool: string, args = {}) => bridge.call(place.call(), { server: "web", tool, args, timeoutMs: 10_000 }),
    async [Symbol.asyncDispose]() {
      await bridge.close();
      await place[Symbol.asyncDispose]();
    },
  };
}

async function listening(server: Server, port = 0) {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const { port: taken } = server.address() as AddressInfo;
  return {
    ...{ port: taken, url: `http://127.0.0.1:${taken}/mcp` },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function realServer(seen: string[]): Server {
  const answer = toNodeHandler(createMcpHandler(testServer, { legacy: "stateless" }));
  return createServer((request, response) => {
    seen.push(request.headers.authorization ?? "none");
    void answer(request as NodeIncomingMessageLike, response);
  });
}

test("a server is reached over HTTP with the owner's headers and nothing of the caller's", async () => {
  const seen: string[] = [];
  await using server = await listening(realServer(seen));
  await using world = bridgeTo(server.url);
  const tools = await world.bridge.tools(world.place.call(), "web");
  assert.equal(tools.length, 8);
  const { content, structured } = await world.call("echo", { text: "over HTTP" });
  assert.deepEqual([content, structured], [[{ type: "text", text: "over HTTP" }], { said: "over HTTP" }]);
  assert.deepEqual([...new Set(seen)], [token]);
});

test("a server that is gone is told, and used again when it is back", async () => {
  const seen: string[] = [];
  let port = 0;
  await using world = await (async () => {
    await using server = await listening(realServer(seen));
    port = server.port;
    const made = bridgeTo(server.url);
    await made.call("echo", { text: "one" });
    return made;
  })();
  await assert.rejects(world.call("echo", { text: "two" }), { code: "server_failed" });
  const [row] = world.bridge.servers(world.place.call(), true);
  assert.equal(row?.state, "stopped");
  await using _back = await listening(realServer(seen), port);
  assert.deepEqual((await world.call("echo", { text: "three" })).structured, { said: "three" });
});

test("an endless answer ends with an error instead of filling the memory", async () => {
  const chunk = Buffer.alloc(64 * 1024, "x");
  const endless = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", more);
    more();
  });
  await using server = await listening(endless);
  await assert.rejects(async () => (await boundedFetch(server.url)).text(), /larger than 8 MiB/);
  await using world = bridgeTo(server.url);
  await assert.rejects(world.call("echo"), { code: "server_failed" });
});

test("a refusing server's words do not repeat the owner's secret", async () => {
  const refusing = createServer((request, response) => {
    response.writeHead(500).end(`cannot use ${request.headers.authorization}`);
  });
  await using server = await listening(refusing);
  await using world = bridgeTo(server.url);
  await assert.rejects(world.call("echo"), (error: Error) => {
    assert.equal("code" in error && error.code, "server_failed");
    assert.equal(error.message.includes("s3cr3t"), false);
    return true;
  });
});
