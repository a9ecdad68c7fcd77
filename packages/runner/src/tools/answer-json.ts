/**
 * Writes an answer as JSON. Text that comes from a file as bytes goes into the answer as bytes: to make a string of a
 * megabyte, and that into JSON, and that into bytes again, takes several times as long as reading it.
 */
import type { Tool } from "@paddock/contract";
import type { Outcome } from "./handler.ts";

export function answerJson(tool: Tool, { summary, data, text }: Outcome<unknown>): Buffer {
  const wrapped = (inner: unknown) => (tool.envelope ? { ok: true, tool: tool.name, summary, data: inner } : inner);
  if (text === undefined) return Buffer.from(JSON.stringify(wrapped(data)));
  const { field, bytes } = text;
  // The field comes last, so that it can be written where the rest ends.
  const rest = JSON.stringify(wrapped({ ...(data as object), [field]: undefined }));
  const end = tool.envelope ? '"}}' : '"}';
  const start = `${rest.slice(0, 1 - end.length)},${JSON.stringify(field)}:"`;
  for (const growth of growths) {
    const room = Math.ceil(bytes.length * growth) + mostAtOnce;
    const target = Buffer.allocUnsafeSlow(Buffer.byteLength(start) + room + end.length);
    const to = escapeInto(target.subarray(0, -end.length), target.write(start), bytes);
    if (to !== null) return target.subarray(0, to + target.write(end, to));
  }
  return Buffer.from(JSON.stringify(wrapped({ ...(data as object), [field]: bytes.toString() })));
}

/** How much longer text becomes: ordinary text, and text full of quotes. What grows more is left to JSON.stringify. */
const growths = [1.125, 2];
/** Two pairs that take four bytes each, or one byte that takes six, and some to spare. */
const mostAtOnce = 12;

/** Writes UTF-8 as the inside of a JSON string and returns where it ends; null when there is no room for it. */
function escapeInto(target: Buffer, start: number, bytes: Buffer): number | null {
  const room = target.length - mostAtOnce;
  let [read, at] = [0, start];
  while (at <= room) {
    [read, at] = escapeFours(target, at, bytes, read);
    if (read === bytes.length) return at;
    // One of the last bytes, or four with one that takes more than its share.
    if (at <= room) at += target.write(escaped(bytes.readUInt8(read)), at, "latin1");
    read += 1;
  }
  return null;
}

/**
 * Goes on four bytes at a time, as far as they and the room do; returns where it stopped to read and to write. No call is in
 * its loop, which would cost more than all else.
 */
function escapeFours(target: Buffer, start: number, bytes: Buffer, first: number): [number, number] {
  const { words, lengths } = pairs();
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const to = new DataView(target.buffer, target.byteOffset, target.length);
  const lastFour = bytes.length - 4;
  const room = target.length - mostAtOnce;
  let read = first;
  let at = start;
  for (; read <= lastFour && at <= room; read += 4) {
    const four = from.getInt32(read, true);
    const quote = four ^ 0x22222222;
    const backslash = four ^ 0x5c5c5c5c;
    // The top bit of a byte is left where it is below a space, or has become zero; there may be more, but never fewer.
    const control = (four - 0x20202020) & ~four;
    const zero = ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash);
    if (((control | zero) & 0x80808080) === 0) {
      to.setInt32(at, four, true);
      at += 4;
      continue;
    }
    const low = lengths[four & 0xffff] as number;
    const high = lengths[four >>> 16] as number;
    if (low === 0 || high === 0) break;
    to.setUint32(at, words[four & 0xffff] as number, true);
    to.setUint32(at + low, words[four >>> 16] as number, true);
    at += low + high;
  }
  return [read, at];
}

/** A byte inside a JSON string, as Latin-1. */
function escaped(byte: number): string {
  const character = String.fromCharCode(byte);
  return byte < 0x80 ? JSON.stringify(character).slice(1, -1) : character;
}

/** What stands for two bytes, read as a little-endian number: its bytes, and how many, 0 for more than four. */
interface Pairs {
  words: Uint32Array;
  lengths: Uint8Array;
}

let known: Pairs | null = null;

/** For bytes next to one that must be escaped: no decision is made for each. Filled when first needed. */
function pairs(): Pairs {
  if (known) return known;
  const words = new Uint32Array(0x10000);
  const lengths = new Uint8Array(0x10000);
  const singles = Array.from({ length: 0x100 }, (_, byte) => Buffer.from(escaped(byte), "latin1"));
  const numbers = singles.map((single) => (single.length > 2 ? 0 : single.readUIntLE(0, single.length)));
  for (let pair = 0; pair < 0x10000; pair += 1) {
    const [first, second] = [pair & 0xff, pair >> 8];
    const shift = singles[first]?.length ?? 0;
    const length = shift + (singles[second]?.length ?? 0);
    if (length > 4) continue;
    words[pair] = (numbers[first] ?? 0) | ((numbers[second] ?? 0) << (shift * 8));
    lengths[pair] = length;
  }
  known = { words, lengths };
  return known;
}
