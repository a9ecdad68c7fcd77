/**
 * Text that comes from a file as bytes, as it stands inside a JSON string: to make a string of a megabyte, and that into
 * JSON, and that into bytes again, takes several times as long as reading it.
 */

export interface JsonText {
  /** Has room for what goes before and after the text. */
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Room before the text, for the rest of an ordinary answer, and after it. */
const roomBefore = 8 * 1024;
const roomAfter = 16;
/** How much longer text becomes: ordinary text, and text full of quotes. What grows more is left to JSON.stringify. */
const growths = [1.125, 2];
/** Two pairs that take four bytes each, or one byte that takes six, and some to spare. */
const mostAtOnce = 12;

/** `bytes` is valid UTF-8. */
export function jsonText(bytes: Buffer): JsonText {
  for (const growth of growths) {
    const buffer = Buffer.allocUnsafeSlow(roomBefore + Math.ceil(bytes.length * growth) + mostAtOnce + roomAfter);
    const end = escapeInto(buffer.subarray(0, -roomAfter), roomBefore, bytes);
    if (end !== null) return { buffer, start: roomBefore, end };
  }
  const inner = Buffer.from(JSON.stringify(bytes.toString()).slice(1, -1));
  const buffer = Buffer.concat([Buffer.alloc(roomBefore), inner, Buffer.alloc(roomAfter)]);
  return { buffer, start: roomBefore, end: roomBefore + inner.length };
}

/** The text between `before` and `after`, without being copied where there is room for them. */
export function enclosed({ buffer, start, end }: JsonText, before: Buffer, after: Buffer): Buffer {
  if (before.length > start || after.length > buffer.length - end)
    return Buffer.concat([before, buffer.subarray(start, end), after]);
  before.copy(buffer, start - before.length);
  after.copy(buffer, end);
  return buffer.subarray(start - before.length, end + after.length);
}

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
