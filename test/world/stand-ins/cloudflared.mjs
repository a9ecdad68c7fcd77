#!/usr/bin/env node
// Stands in for Cloudflare's tunnel client: says what the real one says, on standard error, and serves its readiness. What it was
// started with is noted in the home; while a file `offline` is there, it has no connection.
import { appendFileSync, existsSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const home = process.env.HOME;
const args = process.argv.slice(2);
appendFileSync(
  join(home, "started"),
  `${JSON.stringify({ pid: process.pid, args, token: process.env.TUNNEL_TOKEN ?? null, names: Object.keys(process.env) })}\n`,
);
const say = (text) => process.stderr.write(`${new Date().toISOString()} INF ${text}\n`);

if (args.includes("--url")) {
  say("Requesting new quick Tunnel on trycloudflare.com...");
  say("+--------------------------------------------------------------------------------------------+");
  say("|  Your quick Tunnel has been created! Visit it at (it may take some time to be reachable):  |");
  say(`|  https://quick-brown-fox-${process.pid}.trycloudflare.com                                     |`);
  say("+--------------------------------------------------------------------------------------------+");
} else if (!process.env.TUNNEL_TOKEN) {
  process.stderr.write(
    '"cloudflared tunnel run" requires the ID or name of the tunnel to run as the last command line argument.\n',
  );
  process.exit(1);
}
const server = createServer((request, response) => {
  const ready = request.url === "/ready" && !existsSync(join(home, "offline"));
  response
    .writeHead(ready ? 200 : 503)
    .end(JSON.stringify({ status: ready ? 200 : 503, readyConnections: ready ? 4 : 0 }));
});
server.listen(0, "127.0.0.1", () => {
  say(`Starting metrics server on 127.0.0.1:${server.address().port}/metrics`);
  say("Registered tunnel connection connIndex=0 event=0 ip=198.41.192.57 location=fra03 protocol=quic");
});
process.on("SIGTERM", () => process.exit(0));
