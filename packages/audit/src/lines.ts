/** The lines of a file, in pieces of constant size, so that a file of any length can be read. */
import { closeSync, openSync, readSync } from "node:fs";
import { maxLineBytes } from "./files.ts";

const pieceBytes = 1024 * 1024;

/**
 * Each line without its newline; it is good until the next is taken. One that is longer than any record comes in pieces,
 * which are no records. Returns how many bytes follow the last newline.
 */
export function* linesOf(path: string): Generator<Buffer, number, undefined> {
  const descriptor = openSync(path, "r");
  try {
    return yield* linesFrom(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function* linesFrom(descriptor: number): Generator<Buffer, number, undefined> {
  const buffer = Buffer.allocUnsafe(pieceBytes + maxLineBytes);
  let held = 0;
  for (;;) {
    const read = readSync(descriptor, buffer, held, pieceBytes, null);
    if (read === 0) return held;
    const filled = buffer.subarray(0, held + read);
    let begin = 0;
    for (let end = filled.indexOf(10, held); end >= 0; end = filled.indexOf(10, begin)) {
      yield filled.subarray(begin, end);
      begin = end + 1;
    }
    held = filled.length - begin;
    if (held > maxLineBytes) {
      yield filled.subarray(begin);
      held = 0;
    } else buffer.copyWithin(0, begin, filled.length);
  }
}
