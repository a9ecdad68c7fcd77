import assert from "node:assert/strict";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { maxFrameBytes, protocolVersion } from "@paddock/contract/link";
import { WebSocket } from "ws";
import { startTestHub, type TestHub } from "../hub.fixture.ts";
import { about, type Script } from "./runner.fixture.ts";

const hello = { type: "hello", version: protocolVersion, boot: "b", machine: "m", about };
const result = {
  type: "result",
  run: `run_${"0".repeat(26)}`,
  channel: 1,
  state: "completed",
  ok: true,
  sizes: [4, 0],
};

/** Says the words in order and resolves when the hub has ended the link. */
async function sayUntilClosed(hub: TestHub, words: readonly (object | string | Buffer)[]): Promise<void> {
  const socket = new WebSocket(`ws+unix:${join(hub.home, "hub", "link.sock")}:/link`);
  socket.on("error", () => {});
  await once(socket, "open");
  for (const word of words) {
    socket.send(typeof word === "string" || Buffer.isBuffer(word) ? word : JSON.stringify(word));
  }
  if (socket.readyState !== WebSocket.CLOSED) await once(socket, "close");
}

test("whoever breaks the protocol loses the link, and the hub goes on", async () => {
  await using hub = await startTestHub();
  const broken: (object | string | Buffer)[][] = [
    ["not json"],
    [{ type: "accepted", run: result.run }],
    [{ ...hello, version: 999 }],
    [hello, hello],
    [hello, { type: "shutdown" }],
    [hello, { ...result, state: "running" }],
    [hello, { ...result, sizes: [-1, 2] }],
    [hello, { ...result, sizes: [maxFrameBytes, 1] }],
    [hello, Buffer.from([0, 0, 0, 9, 1])],
    [hello, Buffer.from([0])],
    [hello, result, Buffer.from([0, 0, 0, 1, 1, 2, 3, 4, 5])],
    [hello, result, result],
  ];
  for (const words of broken) await sayUntilClosed(hub, words);
  while ((await hub.http("GET", "/healthz")).json.machinesOnline !== 0);
  await hub.dial();
  assert.equal((await hub.http("GET", "/readyz")).status, 200);
});

test("a result may come in pieces, empty ones and with further content", async () => {
  const pieces: Script = ({ run, channel }, runner) => {
    const envelope = Buffer.from('{"ok":true}');
    const content = Buffer.from('[{"type":"text"}]');
    runner.send({
      type: "result",
      run,
      channel,
      state: "completed",
      ok: true,
      sizes: [envelope.length, content.length],
    });
    const bytes = Buffer.concat([envelope, content]);
    for (const at of bytes.keys()) runner.sendBytes(channel, bytes.subarray(at, at + 1));
  };
  await using hub = await startTestHub();
  await hub.dial({ script: pieces });
  assert.equal((await hub.call(await hub.token(), "glob", { pattern: "*" })).text, '{"ok":true}');
});

test("a newer link replaces the older one, and news about the machine is shown", async () => {
  await using hub = await startTestHub();
  const old = await hub.dial();
  const next = await hub.dial({ boot: "boot-2" });
  await old.close();
  next.send({ type: "about", about: { ...about, profile: "readonly" } });
  while ((await hub.control("GET", "/status")).json.machine.profile !== "readonly");
  await next.close();
  while ((await hub.control("GET", "/status")).json.machine.online);
  assert.equal((await hub.http("GET", "/readyz")).status, 503);
});

test("the sockets can be opened by their owner only", async () => {
  await using hub = await startTestHub();
  const modeOf = async (name: string) => ((await stat(join(hub.home, "hub", name))).mode & 0o777).toString(8);
  assert.deepEqual(await Promise.all(["", "link.sock", "control.sock", "session.key"].map(modeOf)), [
    "700",
    "600",
    "600",
    "600",
  ]);
});
