import assert from "node:assert/strict";
import dns from "node:dns";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { examineAddress } from "./public-address.ts";

async function examined(listener: RequestListener | null, host = "127.0.0.1"): Promise<string> {
  const server: Server = createServer(listener ?? (() => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise((resolve) => server.close(resolve));
  if (listener === null) await close();
  const { state, what } = await examineAddress(`${host.includes("//") ? host : `http://${host}`}:${port}`);
  if (listener !== null) {
    server.closeAllConnections();
    await close();
  }
  return `${state}: ${what.replaceAll(String(port), "PORT")}`;
}

const answering =
  (status: number, body: string): RequestListener =>
  (_request, response) =>
    response.writeHead(status).end(body);

/** No name service is asked in a test. */
function withoutNames(): () => void {
  const { lookup } = dns;
  const known = lookup as (name: string, ...rest: unknown[]) => void;
  const unknown = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
  const stub = (name: string, ...rest: unknown[]) =>
    name.endsWith(".invalid") ? process.nextTick(rest.at(-1) as () => void, unknown) : known(name, ...rest);
  dns.lookup = stub as unknown as typeof lookup;
  return () => {
    dns.lookup = lookup;
  };
}

test("each hop that can fail is named", async (context) => {
  context.after(withoutNames());
  assert.deepEqual(
    [
      await examined(answering(200, '{"status":"ok","name":"paddock"}')),
      await examined(null),
      await examined(answering(200, "ok"), "https://127.0.0.1"),
      await examined(answering(200, "ok"), "http://nowhere.invalid"),
      await examined(answering(403, '{"error":{"code":"wrong_host"}}')),
      await examined(answering(502, "<h1>Bad Gateway</h1>")),
      await examined(answering(200, "<h1>Welcome to nginx!</h1>")),
      await examined(answering(301, "")),
    ],
    [
      "ok: the public address http://127.0.0.1:PORT leads to the hub",
      "fail: nothing answers at http://127.0.0.1:PORT (ECONNREFUSED)",
      "fail: TLS of https://127.0.0.1:PORT fails: what answers there does not speak it",
      "fail: the name of http://nowhere.invalid:PORT leads nowhere",
      "fail: the hub refuses what comes by http://127.0.0.1:PORT, because the proxy names another host",
      "fail: something answers at http://127.0.0.1:PORT, but does not reach the hub (HTTP 502)",
      "fail: something else than Paddock answers at http://127.0.0.1:PORT (HTTP 200)",
      "fail: something else than Paddock answers at http://127.0.0.1:PORT (HTTP 301)",
    ],
  );
});

test("an answer without end is not read to its end", async () => {
  const endless: RequestListener = (_request, response) => {
    const more = () => {
      while (response.write("a".repeat(65_536)));
    };
    response.on("drain", more);
    more();
  };
  assert.match(await examined(endless), /^fail: something else than Paddock answers/);
});
