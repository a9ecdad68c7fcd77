/** The real hub with the fixtures on, and before it a proxy that does one thing: it adds the bearer header. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { noPassphrase, resolveConfig } from "@paddock/contract";
import { startHub } from "@paddock/hub/main";

export interface World extends AsyncDisposable {
  /** Through the proxy. */
  url: string;
  /** Without it. */
  hub: string;
}

const fixtures = new URL("fixtures/extension.ts", import.meta.url).href;

export async function startWorld({ withFixtures = true } = {}): Promise<World> {
  await using open = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), "paddock-conformance-"));
  open.defer(() => rm(home, { recursive: true, force: true }));
  const hub = await startHub({
    home,
    passphrase: noPassphrase,
    config: { ...resolveConfig({ environment: {}, file: {} }).values, port: 0, log_level: "error" },
    version: "0.0.0",
    environment: withFixtures ? { PADDOCK_CONFORMANCE: "1", PADDOCK_CONFORMANCE_FIXTURES: fixtures } : {},
  });
  open.defer(() => hub.close());
  const token = await newToken(join(home, "hub", "control.sock"));
  const proxy = createServer((incoming, outgoing) => forward(hub.address, token, incoming, outgoing));
  const url = await listen(proxy);
  open.defer(async () => {
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  });
  const opened = open.move();
  return { url: `${url}/mcp`, hub: `${hub.address}/mcp`, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

async function newToken(socketPath: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request({ socketPath, method: "POST", path: "/tokens" }, resolve)
    .on("error", reject)
    .end(JSON.stringify({ name: "conformance", toolset: "full" }));
  return ((await json(await promise)) as { token: string }).token;
}

function forward(target: string, token: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { hostname, port } = new URL(target);
  const headers = { ...incoming.headers, authorization: `Bearer ${token}` };
  const through = request({ hostname, port, method: incoming.method, path: incoming.url, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.flushHeaders();
    answer.pipe(outgoing);
  });
  through.on("error", () => outgoing.destroy());
  outgoing.on("close", () => through.destroy());
  incoming.pipe(through);
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
