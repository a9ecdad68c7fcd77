import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Principal } from "@paddock/contract";
import { protocolVersion } from "@paddock/contract/link";
import { pino } from "pino";
import { WebSocketServer } from "ws";
import { attachToRunner } from "./attached.ts";
import { testConfig } from "./hub.fixture.ts";
import { about, echo, type Script, speak } from "./machines/runner.fixture.ts";

const client: Principal = { id: "owner", name: "owner", surface: "stdio", toolset: "full", workspaces: [] };

/** A runner's control socket that takes links. */
async function serveRunner(path: string, script: Script) {
  const server = createServer();
  const links = new WebSocketServer({ server, path: "/link" });
  links.on("connection", (socket) => {
    speak(socket, script).send({ type: "hello", version: protocolVersion, boot: "b", machine: "m", about });
  });
  server.listen(path);
  await once(server, "listening");
  return async () => {
    for (const socket of links.clients) socket.terminate();
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
}

test("a local client calls the runner without a hub, also after the runner was started anew", async () => {
  const folder = await mkdtemp(join(tmpdir(), "paddock-attached-"));
  const socket = join(folder, "control.sock");
  const options = { socket, config: testConfig(), log: pino({ level: "silent" }) };
  await assert.rejects(attachToRunner(options), { code: "not_running" });
  let stop = await serveRunner(socket, echo);
  const attached = await attachToRunner(options);
  const call = async () =>
    JSON.parse(
      String((await attached.runs.call({ principal: client, tool: "glob", input: { pattern: "*" } })).envelope),
    );
  assert.deepEqual((await call()).data, { pattern: "*" });
  await stop();
  while (attached.machines.standard.online) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal((await call()).data.code, "machine_offline");
  stop = await serveRunner(socket, echo);
  while (!attached.machines.standard.online) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.deepEqual((await call()).data, { pattern: "*" });
  attached.close();
  await stop();
  await rm(folder, { recursive: true });
});
