#!/usr/bin/env node
// Stands in for OpenAI's tunnel client: takes the same flags, serves its health, and makes one call as if it had come through the
// tunnel: to the server's address with the extra headers, or to the command it starts. The answer is noted in the home.
import { spawn } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [verb, ...args] = process.argv.slice(2);
const flag = (name) => {
  const at = args.findIndex((word) => word === name || word.startsWith(`${name}=`));
  return at < 0 ? undefined : args[at].includes("=") ? args[at].slice(name.length + 1) : args[at + 1];
};
const referred = (value) => {
  const [, kind, name] = /^(env|file):(.*)$/.exec(value) ?? [];
  return kind === "env" ? process.env[name] : readFileSync(name, "utf8").trim();
};
if (verb !== "run" || !referred(flag("--control-plane.api-key"))) process.exit(2);
appendFileSync(
  join(process.env.HOME, "started"),
  `${JSON.stringify({ pid: process.pid, args, names: Object.keys(process.env) })}\n`,
);

const server = createServer((_request, response) => response.end("ready"));
server.listen(0, "127.0.0.1", () =>
  writeFileSync(flag("--health.url-file"), `http://127.0.0.1:${server.address().port}`),
);
const note = (answer) => writeFileSync(join(process.env.HOME, "answer"), JSON.stringify(answer));
const message = (id, method, params) => JSON.stringify({ jsonrpc: "2.0", ...(id ? { id } : {}), method, params });
const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "tunnel", version: "0.0.14" } };
const call = message(2, "tools/call", { name: "agent_status", arguments: {} });

const url = flag("--mcp.server-url");
if (url) {
  const [name, value] = flag("--mcp.extra-headers").split(": ");
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    [name]: referred(value),
  };
  const answer = await fetch(url, { method: "POST", headers, body: call });
  note(await answer.json());
} else {
  const child = spawn("sh", ["-c", flag("--mcp.command")], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.write(`${message(1, "initialize", hello)}\n${message(0, "notifications/initialized")}\n${call}\n`);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const answer = JSON.parse(line);
    if (answer.id === 2) note(answer);
  });
}
process.on("SIGTERM", () => process.exit(0));
