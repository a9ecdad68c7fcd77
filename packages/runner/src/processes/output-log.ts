/**
 * What a program printed on one stream: the beginning and the end of it, within a fixed number of bytes, addressed by the
 * offset in the whole stream. The middle of a long output is dropped as it comes, without being held anywhere.
 */

export interface Slice {
  /** Good until more is printed: not a copy where it need not be. */
  bytes: Buffer;
  /** Offset in the whole stream at which `bytes` begins: beyond what was asked for where something was dropped. */
  from: number;
}

/** So much within one of these is more than anybody types, or a program draws for somebody who does. */
const pouringBytes = 32 * 1024;
const windowMs = 25;

export class OutputLog {
  readonly #headMax: number;
  readonly #tailMax: number;
  #head: Buffer = Buffer.alloc(0);
  #headSize = 0;
  #tail: Buffer = Buffer.alloc(0);
  #total = 0;
  /** What came in the window that began then, and in the one before. */
  #windowAt = -Infinity;
  #inWindow = 0;
  #inLast = 0;

  constructor(maxBytes: number) {
    this.#headMax = Math.floor(maxBytes / 4);
    this.#tailMax = maxBytes - this.#headMax;
  }

  /** Bytes printed so far. */
  get total(): number {
    return this.#total;
  }

  /** Whether much was printed just now. */
  get pours(): boolean {
    const isRecent = performance.now() - this.#windowAt < 2 * windowMs;
    return isRecent && Math.max(this.#inLast, this.#inWindow) >= pouringBytes;
  }

  /** Bytes of memory it takes. */
  get heldBytes(): number {
    return this.#head.length + this.#tail.length;
  }

  /** Takes a copy: the caller may use the buffer again. */
  push(chunk: Buffer): void {
    this.#measure(chunk.length);
    const forHead = Math.min(chunk.length, this.#headMax - this.#headSize);
    if (forHead > 0) {
      this.#head = grown(this.#head, this.#headSize + forHead, this.#headMax, 4096);
      chunk.copy(this.#head, this.#headSize, 0, forHead);
      this.#headSize += forHead;
      this.#total += forHead;
    }
    if (forHead < chunk.length) this.#pushTail(chunk.subarray(forHead));
  }

  /** At most `maxBytes` from `offset` on, or from the next byte that is still there. */
  read(offset: number, maxBytes: number): Slice {
    if (offset < this.#headSize) {
      const head = this.#head.subarray(offset, Math.min(offset + maxBytes, this.#headSize));
      const missing = maxBytes - head.length;
      const continues = this.#total > this.#headSize && this.#tailStart() === this.#headSize;
      if (missing === 0 || !continues) return { bytes: head, from: offset };
      return { bytes: Buffer.concat([head, this.#readTail(this.#headSize, missing)]), from: offset };
    }
    const from = Math.min(Math.max(offset, this.#tailStart()), this.#total);
    return { bytes: this.#readTail(from, maxBytes), from };
  }

  /** The last `maxBytes`, as far back as nothing is missing. */
  readEnd(maxBytes: number): Slice {
    const tailStart = this.#tailStart();
    const whole = tailStart > this.#headSize ? tailStart : 0;
    return this.read(Math.max(whole, this.#total - maxBytes), maxBytes);
  }

  #tailStart(): number {
    return Math.max(this.#headSize, this.#total - this.#tailMax);
  }

  #measure(bytes: number): void {
    const now = performance.now();
    const age = now - this.#windowAt;
    if (age > windowMs) {
      this.#inLast = age < 2 * windowMs ? this.#inWindow : 0;
      this.#inWindow = 0;
      this.#windowAt = now;
    }
    this.#inWindow += bytes;
  }

  /** The tail is a ring: the byte at offset n lies at (n - head) mod its size. It wraps only at its full size. */
  #pushTail(chunk: Buffer): void {
    const kept = chunk.length > this.#tailMax ? chunk.subarray(chunk.length - this.#tailMax) : chunk;
    this.#total += chunk.length - kept.length;
    this.#tail = grown(this.#tail, this.#total - this.#headSize + kept.length, this.#tailMax, 65_536);
    const at = (this.#total - this.#headSize) % this.#tail.length;
    const first = kept.copy(this.#tail, at, 0, this.#tail.length - at);
    if (first < kept.length) kept.copy(this.#tail, 0, first);
    this.#total += kept.length;
  }

  #readTail(from: number, maxBytes: number): Buffer {
    const length = Math.min(maxBytes, this.#total - from);
    if (length <= 0) return Buffer.alloc(0);
    const at = (from - this.#headSize) % this.#tail.length;
    const first = this.#tail.subarray(at, Math.min(at + length, this.#tail.length));
    const rest = length - first.length;
    return rest === 0 ? first : Buffer.concat([first, this.#tail.subarray(0, rest)]);
  }
}

/** A buffer of at least `wanted` bytes, at most `max`, that begins with what `buffer` holds; grows by doubling. */
function grown(buffer: Buffer, wanted: number, max: number, smallest: number): Buffer {
  if (buffer.length >= Math.min(wanted, max)) return buffer;
  const larger = Buffer.alloc(Math.min(max, Math.max(wanted, buffer.length * 2, smallest)));
  buffer.copy(larger);
  return larger;
}
