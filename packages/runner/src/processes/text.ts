/** Output as text: never cut inside a character, with the gap named where something is left out. */
import type { OutputLog } from "./output-log.ts";

/** How many bytes at the end of `bytes` begin a character that is not complete. */
export function incompleteEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < characterLength(byte) ? back : 0;
  }
  return 0;
}

/** How many bytes at the beginning of `bytes` belong to a character that began before. */
function incompleteStart(bytes: Uint8Array): number {
  let count = 0;
  while (count < Math.min(3, bytes.length) && ((bytes[count] ?? 0) & 0xc0) === 0x80) count += 1;
  return count;
}

const characterLength = (first: number): number => {
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
};

/** Whole characters of `bytes`; `start` and `end` say whether that side was cut. */
export function wholeCharacters(bytes: Buffer, cut: { start: boolean; end: boolean }): Buffer {
  const start = cut.start ? incompleteStart(bytes) : 0;
  const end = bytes.length - (cut.end ? incompleteEnd(bytes) : 0);
  return bytes.subarray(start, Math.max(start, end));
}

/** The last `count` characters of `bytes`, or all of them; bytes that are no character count as part of the one before. */
export function lastCharacters(bytes: Buffer, count: number): Buffer {
  if (bytes.length <= count) return bytes;
  let start = bytes.length;
  for (let left = count; start > 0 && left > 0; start -= 1) {
    if (((bytes[start - 1] ?? 0) & 0xc0) !== 0x80) left -= 1;
  }
  return bytes.subarray(start);
}

/** Everything when it fits into `maxBytes`, else the beginning and the end with a mark between that says how much is missing. */
export function headAndTail(log: OutputLog, maxBytes: number): { text: string; truncated: boolean } {
  const { total } = log;
  if (total <= maxBytes) return { text: log.read(0, maxBytes).bytes.toString("utf8"), truncated: false };
  const headBytes = Math.floor(maxBytes / 4);
  const head = wholeCharacters(log.read(0, headBytes).bytes, { start: false, end: true });
  const tail = wholeCharacters(log.readEnd(maxBytes - headBytes).bytes, { start: true, end: false });
  const missing = total - head.length - tail.length;
  return {
    text: `${head.toString("utf8")}\n[... ${missing} bytes left out ...]\n${tail.toString("utf8")}`,
    truncated: true,
  };
}
