/** What lies between hub and runner can end the link, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { socketCarrier } from "./carrier.ts";
import { approachHub, receiveRunner } from "./handshake.ts";
import { newKey } from "./keys.ts";
import { openRelayed, passOn, socketPair, type Tamper } from "./relay.fixture.ts";

const flipped = (message: Buffer, at: number): Buffer => {
  const changed = Buffer.from(message);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
};

/** The first message to the hub after the handshake is the third, to the runner the second. */
const second = { "to hub": 4, "to runner": 3 } as const;
let held: Buffer | null = null;

/** What the relay does to the second of three words in each direction. */
const rows: Record<string, Tamper> = {
  replays: (message, direction, number) => (number === second[direction] ? [message, message] : [message]),
  drops: (message, direction, number) => (number === second[direction] ? [] : [message]),
  "alters the content": (message, direction, number) => [number === second[direction] ? flipped(message, 3) : message],
  "alters the kind": (message, direction, number) => [number === second[direction] ? flipped(message, 0) : message],
  "alters the seal": (message, direction, number) => [
    number === second[direction] ? flipped(message, message.length - 1) : message,
  ],
  shortens: (message, direction, number) => [number === second[direction] ? message.subarray(0, -1) : message],
  lengthens: (message, direction, number) => [
    number === second[direction] ? Buffer.concat([message, Buffer.from([0])]) : message,
  ],
  empties: (message, direction, number) => [number === second[direction] ? Buffer.alloc(0) : message],
  reflects: (message, direction, number) => (number === second[direction] ? [{ back: message }] : [message]),
  reorders(message, direction, number) {
    if (number === second[direction]) {
      held = message;
      return [];
    }
    return number === second[direction] + 1 && held ? [message, held] : [message];
  },
  "makes one up": (message, direction, number) =>
    number === second[direction] ? [Buffer.from('{"type":"call"}'), message] : [message],
};

for (const [row, tamper] of Object.entries(rows)) {
  for (const direction of ["to hub", "to runner"] as const) {
    test(`a relay that ${row} what goes ${direction} gets nothing heard but what came before`, async () => {
      await using link = await openRelayed((message, way, number) =>
        way === direction ? tamper(message, way, number) : passOn(message, way, number),
      );
      await link.settled;
      const [from, to] = direction === "to hub" ? [link.runner, link.hub] : [link.hub, link.runner];
      for (const word of ["one", "two", "three"]) from.wire?.text(word);
      await link.over;
      assert.deepEqual(to.texts, row === "replays" ? ["one", "two"] : ["one"]);
      assert.deepEqual(from.texts, []);
    });
  }
}

test("an honest relay changes nothing, and large messages come whole", async () => {
  await using link = await openRelayed();
  await link.settled;
  const large = "x".repeat(3_000_000);
  link.runner.wire?.text("one");
  link.runner.wire?.text(large);
  link.hub.wire?.text("two");
  while (link.hub.texts.length < 2 || link.runner.texts.length < 1) await wait(5);
  assert.deepEqual([link.hub.texts[0], link.hub.texts[1] === large, link.runner.texts], ["one", true, ["two"]]);
  assert.equal(link.hub.runner?.key, link.keys.runner.publicKey);
  assert.equal(
    [...link.seen["to hub"], ...link.seen["to runner"]].some((message) => message.includes("xxxxxxxx")),
    false,
  );
});

test("keys are replaced on the way, on both sides at once", async () => {
  await using link = await openRelayed();
  await link.settled;
  const count = 40_000;
  for (let number = 0; number < count; number += 1) link.runner.wire?.text(String(number));
  while (link.hub.texts.length < count && link.hub.reason === null) await wait(5);
  assert.deepEqual([link.hub.texts.length, link.hub.texts.at(-1), link.hub.reason], [count, String(count - 1), null]);
});

const json = (message: Buffer): Record<string, unknown> => JSON.parse(message.toString());
const changed = (message: Buffer, change: object): Buffer =>
  Buffer.from(JSON.stringify({ ...json(message), ...change }));
const stranger = newKey();

/** What the relay does to the handshake, and what the two sides then say. */
const handshakes: Record<string, [Tamper, runner: RegExp | null, hub: RegExp]> = {
  "puts its own key in the hub's place": [
    (message, direction, number) => [
      direction === "to runner" && number === 1 ? changed(message, { key: stranger.publicKey }) : message,
    ],
    /^wrong_hub/,
    /connection ended/,
  ],
  "puts its own key in the runner's place": [
    (message, direction, number) => [
      direction === "to hub" && number === 1 ? changed(message, { key: stranger.publicKey }) : message,
    ],
    /^wrong_hub/,
    /connection ended/,
  ],
  "exchanges what keys are agreed on": [
    (message, direction, number) => [
      direction === "to runner" && number === 1 ? changed(message, { ephemeral: stranger.publicKey }) : message,
    ],
    /^wrong_hub/,
    /connection ended/,
  ],
  "changes the purpose": [
    (message, direction, number) => [
      direction === "to hub" && number === 1 ? changed(message, { purpose: "enrol" }) : message,
    ],
    /^wrong_hub/,
    /connection ended/,
  ],
  "says an older version": [
    (message, direction, number) => [
      direction === "to hub" && number === 1 ? changed(message, { version: 0 }) : message,
    ],
    /^version_mismatch: The hub speaks version 1 of the link, the runner 0/,
    /another version/,
  ],
  "answers with a newer version": [
    (message, direction, number) => [
      direction === "to runner" && number === 1 ? changed(message, { version: 2 }) : message,
    ],
    /^version_mismatch: The hub speaks version 2 of the link, this runner 1/,
    /connection ended/,
  ],
  "sends much": [
    (message, direction, number) => [direction === "to hub" && number === 1 ? Buffer.alloc(5_000, 32) : message],
    /^version_mismatch/,
    /another version/,
  ],
  "sends what is no opening": [
    (message, direction, number) => [
      direction === "to hub" && number === 1 ? Buffer.from('{"type":"open","version":1}') : message,
    ],
    /^hub_unreachable/,
    /no opening/,
  ],
  "agrees on nothing": [
    (message, direction, number) => [
      direction === "to hub" && number === 1 ? changed(message, { ephemeral: "A".repeat(43) }) : message,
    ],
    /^hub_unreachable/,
    /no opening/,
  ],
  "answers with something else": [
    (message, direction, number) => [direction === "to runner" && number === 1 ? Buffer.from("HTTP/1.1") : message],
    /^hub_unreachable: What answers there is no Paddock hub/,
    /connection ended/,
  ],
  "alters the proof": [
    (message, direction, number) => [direction === "to hub" && number === 2 ? flipped(message, 9) : message],
    null,
    /not what the other side had sent/,
  ],
};

for (const [row, [tamper, runner, hub]] of Object.entries(handshakes)) {
  test(`a relay that ${row} has no link`, async () => {
    await using link = await openRelayed(tamper);
    await link.over;
    if (runner) assert.match(link.runner.reason ?? "", runner);
    assert.match(link.hub.reason ?? "", hub);
    assert.equal(link.hub.runner, null);
  });
}

test("a whole handshake that is said again opens nothing", async () => {
  await using link = await openRelayed();
  await link.settled;
  const [open, proof] = link.seen["to hub"];
  const [atHub, client] = await socketPair();
  const heard = Promise.withResolvers<string>();
  receiveRunner(socketCarrier(atHub), {
    before: [],
    key: link.keys.hub,
    ready: () => heard.resolve("a link"),
    failed: heard.resolve,
  });
  client.send(open ?? "");
  client.send(proof ?? "");
  assert.equal(await heard.promise, "what came was not what the other side had sent");
  client.terminate();
});

test("a runner that has not the key it names has no link", async () => {
  const [atHub, atRunner] = await socketPair();
  const [own, claimed, hubKey] = [newKey(), newKey(), newKey()];
  const heard = Promise.withResolvers<string>();
  receiveRunner(socketCarrier(atHub), {
    before: [],
    key: hubKey,
    ready: () => heard.resolve("a link"),
    failed: heard.resolve,
  });
  approachHub(socketCarrier(atRunner), {
    key: { ...own, publicKey: claimed.publicKey, sign: own.sign, pem: "" },
    purpose: "link",
    trusts: () => true,
    ready: (wire, signature) => wire.text(JSON.stringify({ type: "prove", signature, yields: false })),
    failed() {},
  });
  assert.equal(await heard.promise, "it has not proved that it has the key");
  atRunner.terminate();
});
