/** Parts of a text file by lines, cut from bytes so that a large file is never held or decoded as a whole. Pure. */
import { isUtf8 } from "node:buffer";
import { PaddockError } from "@paddock/contract";
import { fileError } from "./errno.ts";

export interface Slice {
  /** Byte range in the buffer. */
  start: number;
  end: number;
  lines: number;
}

const newline = 10;

/** Where line `index` (from 0) starts, or what was counted when the buffer ends sooner. */
export function lineStart(bytes: Uint8Array, index: number): { start: number } | { counted: number } {
  let start = 0;
  for (let line = 0; line < index; line += 1) {
    const end = bytes.indexOf(newline, start);
    if (end === -1) return { counted: line };
    start = end + 1;
  }
  return { start };
}

/** Whole lines from `start` on, at most `limit` lines and `maxBytes` bytes; a first line longer than that is cut. */
export function takeLines(bytes: Uint8Array, start: number, limit: number, maxBytes: number): Slice {
  let end = start;
  let lines = 0;
  while (lines < limit && end < bytes.length) {
    const found = bytes.indexOf(newline, end);
    const next = found === -1 ? bytes.length : found + 1;
    if (next - start > maxBytes)
      return lines > 0 ? { start, end, lines } : { start, end: characterEnd(bytes, start + maxBytes), lines: 0 };
    end = next;
    lines += 1;
  }
  return { start, end, lines };
}

/** The last `limit` lines, fewer where they would be more than `maxBytes`. */
export function lastLines(bytes: Uint8Array, limit: number, maxBytes: number): Slice {
  let start = bytes.length;
  let lines = 0;
  while (lines < limit && start > 0) {
    const before = start < 2 ? -1 : bytes.lastIndexOf(newline, start - 2);
    if (bytes.length - (before + 1) > maxBytes) break;
    start = before + 1;
    lines += 1;
  }
  if (lines === 0 && bytes.length > 0) start = characterStart(bytes, Math.max(0, bytes.length - maxBytes));
  return { start, end: bytes.length, lines };
}

const continues = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

function characterEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end > 0 && continues(bytes[end])) end -= 1;
  return end;
}

function characterStart(bytes: Uint8Array, at: number): number {
  let start = at;
  while (continues(bytes[start])) start += 1;
  return start;
}

/** The same bytes, known to be text; throws binary_file for a NUL byte or what is not UTF-8. */
export function textBytes(bytes: Buffer, shown: string): Buffer {
  if (bytes.includes(0)) throw fileError("binary_file", "This is a binary file: it holds a NUL byte", shown);
  if (!isUtf8(bytes)) throw fileError("binary_file", "This is not UTF-8 text", shown);
  return bytes;
}

/** Each line with its number, six wide, and a bar. */
export function numbered(text: string, first: number): string {
  if (text === "") return "";
  const ended = text.endsWith("\n");
  const lines = (ended ? text.slice(0, -1) : text).split("\n");
  const shown = lines.map((line, index) => `${String(first + index).padStart(6)}|${line}`).join("\n");
  return ended ? `${shown}\n` : shown;
}

export const beyondEnd = (offset: number, lines: number): PaddockError =>
  new PaddockError(
    "invalid_input",
    `The file has ${lines} lines; line ${offset} is beyond its end.`,
    `Read with an offset of at most ${Math.max(1, lines)}.`,
  );
