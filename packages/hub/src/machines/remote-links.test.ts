/** Machines of others at the hub's own address: who is let in, for what they may speak, and what ends their link. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { maxFrameBytes } from "@paddock/contract/link";
import { newKey } from "@paddock/link/sealed";
import { WebSocket } from "ws";
import { startTestHub, type TestHub } from "../hub.fixture.ts";
import { joinAs, link, linkOf, type RemoteRunner } from "./remote-runner.fixture.ts";

/** What the hub says to whoever only opens a connection, and whether that ends. */
async function knock(hub: TestHub, headers: Record<string, string>, words: readonly (string | Buffer)[] = []) {
  const socket = new WebSocket(linkOf(hub), { headers, perMessageDeflate: false });
  const status = await new Promise<number>((resolve) => {
    socket.on("unexpected-response", (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    socket.on("error", () => resolve(0));
    socket.on("open", () => resolve(101));
  });
  const ended = new Promise((resolve) => socket.on("close", resolve));
  if (status === 101) for (const word of words) socket.send(word);
  if (status === 101 && words.length > 0) await ended;
  socket.terminate();
  return status;
}

async function heard(runner: RemoteRunner, type: string) {
  for (;;) {
    const frame = runner.heard.find((one) => one.type === type);
    if (frame) return frame;
    await wait(2);
  }
}

const machinesOf = async (hub: TestHub) => (await hub.control("GET", "/machines")).json.machines;

test("where no machine is expected there is no link, and strangers get no further than the handshake", async () => {
  await using hub = await startTestHub();
  assert.equal(await knock(hub, {}), 404);
  assert.equal((await hub.http("GET", "/link/events")).status, 404);
  await hub.control("POST", "/machines/codes", {});
  assert.deepEqual(
    [await knock(hub, { origin: "https://evil.example" }), await knock(hub, { host: "evil.example" })],
    [0, 0],
  );
  const long = Buffer.alloc(64 * 1024);
  assert.equal(await knock(hub, {}, ["{}"]), 101);
  assert.equal(await knock(hub, {}, [long]), 101);
  assert.equal(await knock(hub, {}, ['{"type":"open","version":1}', "{}"]), 101);
  const events = await hub.http("POST", "/link/events/nobody/0", { body: "x" });
  assert.equal(events.status, 404);
  assert.equal((await hub.http("GET", "/healthz")).status, 200);
});

test("a machine speaks for its own runs and questions only", async () => {
  await using hub = await startTestHub();
  const [honest, liar] = [await joinAs(hub, "honest"), await joinAs(hub, "liar")];
  while ((await machinesOf(hub)).filter(({ online }: { online: boolean }) => online).length < 2) await wait(2);
  await hub.control("POST", "/machines/liar", { disabled: true });
  const token = await hub.token();
  const answer = hub.call(token, "glob", { pattern: "*" });
  const call = await heard(honest, "call");
  await hub.control("POST", "/machines/liar", { disabled: false });
  const again = await link(hub, "liar", liar.key);
  again.finish(call, { from: "the liar" });
  again.say({ type: "state", run: call.run, state: "waiting_approval" });
  again.say({ type: "no_run", run: call.run });
  await wait(50);
  honest.finish(call, { from: "the honest one" });
  assert.deepEqual((await answer).json.data, { from: "the honest one" });
  assert.equal((await heard(liar, "bye")).code, "machine_disabled");
});

test("a key that the hub does not know, and one of a machine that was removed, are refused with the reason", async () => {
  await using hub = await startTestHub();
  const machine = await joinAs(hub, "gone");
  await heard(machine, "welcome");
  await hub.control("DELETE", "/machines/gone");
  assert.equal((await heard(machine, "bye")).code, "link_refused");
  await machine.closed;
  await hub.control("POST", "/machines/codes", {});
  for (const key of [machine.key, newKey()]) {
    const refused = await link(hub, "gone", key);
    assert.equal((await heard(refused, "bye")).code, "link_refused");
    await refused.closed;
  }
});

test("what is no frame, too much, or not announced ends the link of who sent it and nobody else's", async () => {
  await using hub = await startTestHub();
  const good = await joinAs(hub, "good");
  const bad: Record<string, (runner: RemoteRunner) => void> = {
    "not JSON": ({ wire }) => wire.text("{"),
    "no frame": ({ wire }) => wire.text('{"type":"shutdown"}'),
    "a second hello": ({ heard: _, ...runner }) => runner.wire.text('{"type":"hello"}'),
    "a frame of the other side": ({ wire }) => wire.text('{"type":"cancel","run":"run_x"}'),
    "bytes of nothing": ({ wire }) => wire.bytes([Buffer.from([0, 0, 0, 9, 1])]),
    "too large": ({ wire }) => wire.bytes([Buffer.alloc(maxFrameBytes + 1)]),
  };
  for (const [name, say] of Object.entries(bad)) {
    const runner = await joinAs(hub, name.replaceAll(" ", "-").toLowerCase());
    await heard(runner, "welcome");
    say(runner);
    await runner.closed;
  }
  const online = (await machinesOf(hub)).filter((machine: { online: boolean }) => machine.online);
  assert.deepEqual(
    online.map(({ name }: { name: string }) => name),
    [good.name],
  );
});

test("what the owner may say about machines is checked: names, labels, and what is not there", async () => {
  await using hub = await startTestHub();
  await joinAs(hub, "one");
  await joinAs(hub, "two");
  const refused = [
    await hub.control("POST", "/machines/codes", { name: "two" }),
    await hub.control("POST", "/machines/codes", { name: "../x" }),
    await hub.control("POST", "/machines/codes", { labels: ["a b"] }),
    await hub.control("POST", "/machines/codes", { minutes: 0 }),
    await hub.control("POST", "/machines/one", { name: "two" }),
    await hub.control("POST", "/machines/one", {}),
    await hub.control("POST", "/machines/one", { key: "x" }),
    await hub.control("POST", "/machines/three", { disabled: true }),
    await hub.control("DELETE", "/machines/three"),
  ];
  assert.deepEqual(
    refused.map(({ status, json }) => [status, json.error.code]),
    [...Array(7).fill([400, "invalid_input"]), ...Array(2).fill([404, "machine_not_found"])],
  );
  const ambiguous = await hub.call(await hub.token(), "glob", { pattern: "*" });
  assert.deepEqual([ambiguous.status, ambiguous.json.data.code], [400, "machine_required"]);
  assert.match(ambiguous.json.summary, /one, two/);
});

test("nobody reaches machines without the owner's socket: neither a token nor the open address", async () => {
  await using hub = await startTestHub();
  await joinAs(hub, "one");
  const token = await hub.token();
  for (const [method, path] of [
    ["GET", "/machines"],
    ["POST", "/machines/codes"],
    ["POST", "/machines/one"],
    ["POST", "/machines/one/rotate-key"],
    ["DELETE", "/machines/one"],
  ] as const)
    assert.equal(
      (await hub.http(method, path, { token, ...(method === "POST" ? { body: "{}" } : {}) })).status,
      404,
      path,
    );
});
