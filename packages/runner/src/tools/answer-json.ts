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
  const target = Buffer.allocUnsafeSlow(Buffer.byteLength(start) + bytes.length * 2 + end.length + mostAtOnce);
  const from = target.write(start);
  const to = escapeInto(target, from, bytes);
  if (to !== null) return target.subarray(0, to + target.write(end, to));
  return Buffer.from(JSON.stringify(wrapped({ ...(data as object), [field]: bytes.toString() })));
}

/** Four bytes, each of which may take six. */
const mostAtOnce = 24;

/** What follows the backslash for a byte that must be escaped, `u` where its number does; 0 for all others. */
const escapes = new Uint8Array(256).fill(0x75, 0, 0x20);
for (const pair of ['""', "\\\\", "\bb", "\ff", "\nn", "\rr", "\tt"]) escapes[pair.charCodeAt(0)] = pair.charCodeAt(1);

/** Writes UTF-8 as the inside of a JSON string and returns where it ends; null when there is no room for it. */
function escapeInto(target: Buffer, start: number, bytes: Buffer): number | null {
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const to = new DataView(target.buffer, target.byteOffset, target.length);
  const lastWord = bytes.length - 4;
  const room = target.length - mostAtOnce;
  let [read, written] = [0, start];
  while (read < bytes.length) {
    for (; read <= lastWord && written <= room; read += 4, written += 4) {
      const word = from.getInt32(read);
      if (needsEscape(word)) break;
      to.setInt32(written, word);
    }
    if (written > room) return null;
    for (const end = Math.min(read + 4, bytes.length); read < end; read += 1) {
      written = writeByte(target, written, bytes[read] ?? 0);
    }
  }
  return written;
}

/** Whether one of four bytes is a quote, a backslash or a control character; sometimes also when none is. */
function needsEscape(word: number): boolean {
  const quote = word ^ 0x22222222;
  const backslash = word ^ 0x5c5c5c5c;
  const found =
    ((word - 0x20202020) & ~word) | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash);
  return (found & 0x80808080) !== 0;
}

function writeByte(target: Buffer, at: number, byte: number): number {
  const letter = escapes[byte] ?? 0;
  if (letter === 0) {
    target[at] = byte;
    return at + 1;
  }
  target[at] = 0x5c;
  target[at + 1] = letter;
  return letter === 0x75 ? at + 2 + target.write(byte.toString(16).padStart(4, "0"), at + 2, "latin1") : at + 2;
}
