/**
 * What both ends of a transfer say to each other on their stream: lines of JSON, and between them the bytes of the file.
 *
 * The sender begins with `offer`, or the hub in its place with `failed`; the receiver answers `wish`; then come the bytes from
 * there to the end, and the `proof` of all of them.
 */
import type { Duplex } from "node:stream";
import { errorCodes, PaddockError } from "@paddock/contract";
import * as z from "zod";

export const offer = z.union([
  z.object({ size: z.number().int().min(0), tag: z.string().regex(/^[0-9a-f]{16}$/) }),
  z.object({ failed: z.object({ code: z.enum(errorCodes), message: z.string(), nextStep: z.string() }) }),
]);
export const wish = z.object({ start: z.number().int().min(0) });
export const proof = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });

const longestLine = 16_384;
const lineFeed = 10;

const broken = (): PaddockError =>
  new PaddockError("transfer_broken", "The connection to the other machine was lost on the way.");

/** Resolves when there is room for more. Throws transfer_broken. */
export function say(stream: Duplex, bytes: Buffer | string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(broken()) : resolve()));
  });
}

export const line = (value: object): string => `${JSON.stringify(value)}\n`;

/** Reads what the other end says, in turn. */
export class Heard {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Duplex) {
    this.#pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** Throws transfer_broken where it ends or says something else. */
  async line<T>(schema: z.ZodType<T>): Promise<T> {
    let text = Buffer.alloc(0);
    for (;;) {
      const piece = await this.#next();
      const end = piece.indexOf(lineFeed);
      text = Buffer.concat([text, end < 0 ? piece : piece.subarray(0, end)]);
      if (text.length > longestLine) throw broken();
      if (end < 0) continue;
      this.#rest = piece.subarray(end + 1);
      return parsed(schema, text.toString("utf8"));
    }
  }

  /** At most `most` bytes, at least one. Throws transfer_broken. */
  async bytes(most: number): Promise<Buffer> {
    const piece = await this.#next();
    this.#rest = piece.subarray(most);
    return piece.subarray(0, most);
  }

  async #next(): Promise<Buffer> {
    const rest = this.#rest;
    if (rest.length > 0) {
      this.#rest = Buffer.alloc(0);
      return rest;
    }
    const next = await this.#pieces.next().catch(() => null);
    if (!next || next.done) throw broken();
    return next.value;
  }
}

function parsed<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw broken();
  }
}
