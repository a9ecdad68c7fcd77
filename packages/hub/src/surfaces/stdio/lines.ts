/** Splits a stream of bytes into lines without ever holding more than one line's limit. */
import type { Readable } from "node:stream";

const linefeed = 0x0a;

/** Each line without its end; null in place of one that is longer than `maxBytes`. Ends with the stream. */
export async function* lines(input: Readable, maxBytes: number): AsyncGenerator<Buffer | null> {
  let held: Buffer[] = [];
  let length = 0;
  const take = (piece: Buffer) => {
    length += piece.length;
    if (length <= maxBytes) held.push(piece);
    else held = [];
  };
  const finish = (): Buffer | null => {
    const line = length <= maxBytes ? Buffer.concat(held) : null;
    held = [];
    length = 0;
    return line;
  };
  for await (const chunk of input) {
    let rest: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    for (let end = rest.indexOf(linefeed); end >= 0; end = rest.indexOf(linefeed)) {
      take(rest.subarray(0, end));
      yield finish();
      rest = rest.subarray(end + 1);
    }
    take(rest);
  }
  if (length > 0) yield finish();
}
