/** Streams: bytes in order both ways, no more of them in between than there is room for, and each by itself. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { maxStreamPieceBytes, type StreamFrame, streamWindowBytes } from "@paddock/contract/link";
import type { WebSocket } from "ws";
import { socketCarrier } from "./carrier.ts";
import { plainWire } from "./plain-wire.ts";
import { socketPair } from "./relay.fixture.ts";
import { sealedWire } from "./sealed-wire.ts";
import { openStreams, type Streams } from "./streams.ts";
import type { Wire } from "./wire.ts";

interface Side {
  streams: Streams;
  /** Bytes that have come, by channel. */
  arrived: Map<number, number>;
  faults: string[];
}

const key = randomBytes(32);
const wires: Record<string, (socket: WebSocket) => Wire> = {
  plain: (socket) => plainWire(socket),
  sealed: (socket) => sealedWire(socketCarrier(socket), { send: key, receive: key }),
};

async function openPair(kind: (socket: WebSocket) => Wire = plainWire) {
  const sockets = await socketPair();
  const [near, far] = sockets.map((socket): Side => {
    const wire = kind(socket);
    const side: Side = { streams: openStreams(wire), arrived: new Map(), faults: [] };
    const note = (fault: string | null) => void (fault && side.faults.push(fault));
    wire.listen({
      text: (text) => note(side.streams.frame(JSON.parse(text) as StreamFrame)),
      bytes(pieces) {
        const bytes = Buffer.concat(pieces);
        const channel = bytes.readUInt32BE(0);
        side.arrived.set(channel, (side.arrived.get(channel) ?? 0) + bytes.length - 4);
        note(side.streams.bytes(channel, [bytes.subarray(4)]));
      },
      closed: () => side.streams.close(),
    });
    return side;
  });
  if (!near || !far) throw new Error("a pair has two ends");
  const open = (channel: number): [Duplex, Duplex] => {
    const [a, b] = [near.streams.open(channel), far.streams.open(channel)];
    if (!a || !b) throw new Error("the channel is taken");
    return [a, b];
  };
  return { near, far, open, sockets, [Symbol.dispose]: () => sockets.forEach((socket) => void socket.terminate()) };
}

/** Of what is read until the end; the stream can still be written to. */
function hashOf(stream: Duplex): Promise<string> {
  const hash = createHash("sha256");
  return new Promise((resolve, reject) => {
    stream.on("data", (piece: Buffer) => hash.update(piece));
    stream.on("end", () => resolve(hash.digest("hex")));
    stream.on("error", reject);
  });
}

for (const [name, kind] of Object.entries(wires)) {
  test(`what is written on one end of a ${name} wire is read on the other, both ways at once, to its end`, async () => {
    await bothWays(kind);
  });
}

async function bothWays(kind: (socket: WebSocket) => Wire): Promise<void> {
  using pair = await openPair(kind);
  const [a, b] = pair.open(7);
  const [there, back] = [randomBytes(9_000_000), randomBytes(5_000_000)];
  const digests = [there, back].map((bytes) => createHash("sha256").update(bytes).digest("hex"));
  a.end(there);
  b.end(back);
  assert.deepEqual(await Promise.all([hashOf(b), hashOf(a)]), digests);
  // Their memory is given back.
  while (there.length + back.length > 0) await wait(2);
  assert.deepEqual([pair.near.faults, pair.far.faults], [[], []]);
  assert.notEqual(pair.near.streams.open(7), null, "the channel is free again");
}

test("what has waited is read piece by piece as it came, and what was written may be a part of more", async () => {
  using pair = await openPair();
  const [a, b] = pair.open(1);
  const whole = randomBytes(2 * maxStreamPieceBytes + 100);
  const copy = Buffer.from(whole);
  a.write(whole.subarray(0, -100));
  a.end("the end");
  while ((pair.far.arrived.get(1) ?? 0) < 2 * maxStreamPieceBytes + 7) await wait(2);
  const read: Buffer[] = [];
  for await (const piece of b) read.push(piece);
  const [first, second, third] = read;
  assert.deepEqual(
    [first?.length, second?.length, third?.toString()],
    [maxStreamPieceBytes, maxStreamPieceBytes, "the end"],
  );
  assert.ok(Buffer.concat(read.slice(0, 2)).equals(copy.subarray(0, -100)));
  assert.ok(whole.equals(copy), "memory that somebody else has too is not given back");
});

test("small pieces that have waited are read together, however many they are", async () => {
  using pair = await openPair();
  const [, b] = pair.open(1);
  const pieces = Array.from({ length: 100_000 }, (_, number) => Buffer.from([number % 251]));
  for (const piece of pieces) assert.equal(pair.far.streams.bytes(1, [piece]), "");
  pair.far.streams.frame({ type: "stream_end", channel: 1 });
  const read: Buffer[] = [];
  for await (const piece of b) read.push(piece);
  assert.deepEqual(
    read.map(({ length }) => length),
    [65_536, 34_464],
  );
  assert.ok(Buffer.concat(read).equals(Buffer.concat(pieces)));
});

test("a reader that does not read is sent one window and no more, and holds up nobody else", async () => {
  using pair = await openPair();
  const [slow, unread] = pair.open(1);
  const [quick, read] = pair.open(2);
  slow.write(Buffer.alloc(3 * streamWindowBytes));
  quick.end(Buffer.alloc(4 * streamWindowBytes));
  await hashOf(read);
  assert.deepEqual([pair.far.arrived.get(1), pair.far.arrived.get(2)], [streamWindowBytes, 4 * streamWindowBytes]);
  slow.end();
  assert.equal(
    await hashOf(unread),
    createHash("sha256")
      .update(Buffer.alloc(3 * streamWindowBytes))
      .digest("hex"),
  );
});

test("an end that breaks off is told to the other, which what it has had cannot take for whole", async () => {
  using pair = await openPair();
  const [a, b] = pair.open(1);
  a.write("half");
  while (!pair.far.arrived.has(1)) await wait(2);
  a.destroy();
  await assert.rejects(hashOf(b), /broke the stream off/);
  const [c, d] = pair.open(2);
  c.write("half");
  for (const socket of pair.sockets) socket.terminate();
  await assert.rejects(hashOf(d), /the link was lost/);
});

test("a side that sends more than there is room for, or gives room that there is not, is told on", async () => {
  using pair = await openPair();
  const [stream] = pair.open(1);
  const { streams } = pair.near;
  assert.equal(streams.frame({ type: "stream_credit", channel: 1, bytes: 1 }) !== null, true);
  assert.equal(streams.bytes(1, [Buffer.alloc(streamWindowBytes)]), "");
  assert.notEqual(streams.bytes(1, [Buffer.alloc(1)]), "");
  stream.destroy();
  assert.equal(streams.bytes(99, [Buffer.alloc(1)]), null);
  assert.equal(streams.frame({ type: "stream_end", channel: 99 }), null);
  assert.equal(streams.open(1), null);
});
