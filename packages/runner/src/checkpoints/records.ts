/** Lists that a caged program prints: records that end with NUL, and after the last one a record that is only "=". */
import type { Readable } from "node:stream";

const mostListedBytes = 64 * 1024 * 1024;

/** Reads NUL-terminated records as they come. */
export class Records {
  readonly #chunks: AsyncIterator<Buffer>;
  #pending: Buffer = Buffer.alloc(0);
  #seen = 0;

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async upToMark(): Promise<string[]> {
    const parts: Buffer[] = [];
    for (;;) {
      const before = parts.at(-1) ?? Buffer.of(0);
      const end = markEnd(before, this.#pending);
      if (end !== null) {
        parts.push(this.#pending.subarray(0, end));
        this.#pending = this.#pending.subarray(end);
        return Buffer.concat(parts).toString("utf8").split("\0").slice(0, -2);
      }
      if (this.#pending.length > 0) parts.push(this.#pending);
      if (!(await this.#more())) throw new Error("git ended before its list was complete");
    }
  }

  async rest(): Promise<string> {
    const parts = [this.#pending];
    while (await this.#more()) parts.push(this.#pending);
    return Buffer.concat(parts).toString("utf8");
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    this.#pending = done ? Buffer.alloc(0) : value;
    this.#seen += this.#pending.length;
    if (this.#seen > mostListedBytes) throw new Error("there are too many files to list");
    return !done;
  }
}

/** Where the list's end mark ends in `bytes`: a "=" that is a record of its own. `before` is what was read before, not empty. */
function markEnd(before: Buffer, bytes: Buffer): number | null {
  const last = before.at(-1);
  if (last === 0x3d && bytes[0] === 0 && (before.length === 1 || before.at(-2) === 0)) return 1;
  for (let at = bytes.indexOf("=\0"); at >= 0; at = bytes.indexOf("=\0", at + 1)) {
    if ((at === 0 ? last : bytes[at - 1]) === 0) return at + 2;
  }
  return null;
}
