/** Reads lines of a file that is too large to be held: it is scanned in pieces and only the wanted part is kept. */
import type { FileHandle } from "node:fs/promises";
import { PaddockError } from "@paddock/contract";
import { beyondEnd } from "./text-slice.ts";

const pieceBytes = 256 * 1024;
const newline = 10;

/** Byte at which line `line` (from 1) starts. Throws invalid_input when the file has fewer lines. */
export async function findLine(file: FileHandle, line: number, signal: AbortSignal): Promise<number> {
  const piece = Buffer.allocUnsafe(pieceBytes);
  let position = 0;
  let current = 1;
  while (current < line) {
    if (signal.aborted) throw new PaddockError("cancelled", "The call was cancelled.");
    const { bytesRead } = await file.read(piece, 0, pieceBytes, position);
    if (bytesRead === 0) throw beyondEnd(line, current);
    const passed = skipLines(piece.subarray(0, bytesRead), line - current);
    current += passed.lines;
    position += current === line ? passed.end : bytesRead;
  }
  return position;
}

/** Passes up to `wanted` line ends; `end` is where the last one passed is over. */
function skipLines(bytes: Uint8Array, wanted: number): { lines: number; end: number } {
  let lines = 0;
  let end = 0;
  while (lines < wanted) {
    const found = bytes.indexOf(newline, end);
    if (found === -1) break;
    end = found + 1;
    lines += 1;
  }
  return { lines, end };
}

/** At most `length` bytes from `position` on. */
export async function readPart(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let count = 0;
  while (count < length) {
    const { bytesRead } = await file.read(buffer, count, length - count, position + count);
    if (bytesRead === 0) break;
    count += bytesRead;
  }
  return buffer.subarray(0, count);
}
