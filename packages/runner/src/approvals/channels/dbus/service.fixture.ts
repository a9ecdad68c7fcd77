/** A bus and its notification service in one, which answer each call as a test says: for services that lie. */
import { createServer } from "node:net";

/** The reply's types and bytes; nothing is said to a call for which there is none. */
export type Reply = readonly [signature: string, body: Buffer];

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([u32(Buffer.byteLength(value)), Buffer.from(`${value}\0`)]);
const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);

export const oneString = (value: string): Reply => ["s", text(value)];
export const number = (value: number): Reply => ["u", u32(value)];
export const oneAbility = (value: string): Reply => ["as", Buffer.concat([u32(text(value).length), text(value)])];

function replyTo(serial: number, [signature, body]: Reply): Buffer {
  const field = (code: number, type: string, value: Buffer) =>
    Buffer.concat([Buffer.from([code, 1]), Buffer.from(`${type}\0`), value]);
  const fields = Buffer.concat([
    padded(field(5, "u", u32(serial))),
    padded(field(7, "s", text(":1.9"))),
    field(8, "g", Buffer.from(`${String.fromCharCode(signature.length)}${signature}\0`)),
  ]);
  const head = Buffer.concat([
    Buffer.from("l\u0002\u0000\u0001", "latin1"),
    u32(body.length),
    u32(1),
    u32(fields.length),
  ]);
  return Buffer.concat([padded(Buffer.concat([head, fields])), body]);
}

/** Listens at `path`. The calls come in this order: Hello, two subscriptions, GetCapabilities, Notify. */
export async function startLyingService(path: string, replies: readonly (Reply | null)[]): Promise<AsyncDisposable> {
  const server = createServer((socket) => {
    const left = [...replies];
    let held: Buffer = Buffer.alloc(0);
    const hear = (chunk: Buffer) => {
      const { serials, rest } = callsIn(Buffer.concat([held, chunk]));
      held = rest;
      for (const serial of serials) {
        const reply = left.shift();
        if (reply) socket.write(replyTo(serial, reply));
      }
    };
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write("OK 0\r\n");
      socket.on("data", hear);
    });
  }).listen(path);
  await new Promise((resolve) => server.once("listening", resolve));
  return { [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())) };
}

function callsIn(bytes: Buffer): { serials: number[]; rest: Buffer } {
  const greeting = "BEGIN\r\n";
  let rest = bytes.toString("latin1").startsWith(greeting) ? bytes.subarray(greeting.length) : bytes;
  const serials: number[] = [];
  for (let size = sizeOf(rest); size !== null && rest.length >= size; size = sizeOf(rest)) {
    serials.push(rest.readUInt32LE(8));
    rest = rest.subarray(size);
  }
  return { serials, rest };
}

const sizeOf = (held: Buffer): number | null =>
  held.length < 16 ? null : 16 + Math.ceil(held.readUInt32LE(12) / 8) * 8 + held.readUInt32LE(4);
