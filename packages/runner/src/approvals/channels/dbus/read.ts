/**
 * D-Bus messages from bytes. Whoever is on the bus may send what they like, so that everything is bounded and nothing is
 * believed: a message that is no message ends the connection, one of no interest is skipped unread.
 */

export interface Message {
  type: "call" | "reply" | "error" | "signal" | "other";
  /** Unique name of who sent it; the bus fills it in and nobody else can. */
  sender: string;
  path: string;
  interface: string;
  member: string;
  errorName: string;
  /** Serial of the call that this answers; 0 for none. */
  replyTo: number;
  /** The arguments when they have exactly these types; null otherwise. */
  arguments<T extends readonly Type[]>(...types: T): { [K in keyof T]: Value<T[K]> } | null;
}

type Type = "s" | "u" | "as";
type Value<T extends Type> = T extends "s" ? string : T extends "u" ? number : string[];

const maxMessageBytes = 128 * 1024;
const fixedHeaderBytes = 16;
const types = ["other", "call", "reply", "error", "signal"] as const;

/** Cuts a stream into messages. `take` throws for what is no D-Bus message. */
export class Incoming {
  #held: Buffer = Buffer.alloc(0);

  take(chunk: Buffer): Message[] {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const messages: Message[] = [];
    for (;;) {
      const size = sizeOf(this.#held);
      if (size === null || this.#held.length < size) return messages;
      messages.push(messageOf(this.#held.subarray(0, size)));
      this.#held = this.#held.subarray(size);
    }
  }
}

function sizeOf(held: Buffer): number | null {
  if (held.length < fixedHeaderBytes) return null;
  const reader = new Reader(held);
  reader.at = 4;
  const bodyBytes = reader.uint32();
  reader.at = 12;
  const size = fixedHeaderBytes + padded(reader.uint32(), 8) + bodyBytes;
  if (size > maxMessageBytes) throw new Error("A message on the bus is too long.");
  return size;
}

function messageOf(bytes: Buffer): Message {
  const reader = new Reader(bytes);
  reader.at = 4;
  const bodyBytes = reader.uint32();
  const body = bytes.subarray(bytes.length - bodyBytes);
  reader.at = 12;
  const found = headerFields(reader);
  const text = (code: number) => String(found.get(code) ?? "");
  return {
    type: types[bytes.readUInt8(1)] ?? "other",
    path: text(1),
    interface: text(2),
    member: text(3),
    errorName: text(4),
    replyTo: Number(found.get(5) ?? 0),
    sender: text(7),
    arguments: (...wanted) => {
      if (wanted.join("") !== text(8)) return null;
      const values = new Reader(body, reader.littleEndian);
      return wanted.map((type) => values.value(type)) as never;
    },
  };
}

/** Each field is a code and a variant; those of a type that no known field has are a fault. */
function headerFields(reader: Reader): ReadonlyMap<number, string | number> {
  const end = reader.uint32() + fixedHeaderBytes;
  const found = new Map<number, string | number>();
  while (reader.at < end) {
    reader.align(8);
    const code = reader.byte();
    const type = reader.signature();
    if (type === "s" || type === "o") found.set(code, reader.string());
    else if (type === "g") found.set(code, reader.signature());
    else if (type === "u") found.set(code, reader.uint32());
    else throw new Error("A message on the bus has a field of an unknown type.");
  }
  return found;
}

/** Reading beyond the end throws a RangeError. */
class Reader {
  readonly #bytes: Buffer;
  readonly littleEndian: boolean;
  at = 0;

  constructor(bytes: Buffer, littleEndian = endianOf(bytes)) {
    this.#bytes = bytes;
    this.littleEndian = littleEndian;
  }

  align(to: number): void {
    this.at = padded(this.at, to);
  }

  byte(): number {
    this.at += 1;
    return this.#bytes.readUInt8(this.at - 1);
  }

  uint32(): number {
    this.align(4);
    this.at += 4;
    return this.littleEndian ? this.#bytes.readUInt32LE(this.at - 4) : this.#bytes.readUInt32BE(this.at - 4);
  }

  string(): string {
    return this.#text(this.uint32());
  }

  signature(): string {
    return this.#text(this.byte());
  }

  value(type: Type): string | number | string[] {
    if (type === "s") return this.string();
    return type === "u" ? this.uint32() : this.#strings();
  }

  #strings(): string[] {
    const end = this.uint32() + this.at;
    const found: string[] = [];
    while (this.at < end) found.push(this.string());
    return found;
  }

  /** A NUL stands after it. */
  #text(length: number): string {
    const start = this.at;
    this.at += length + 1;
    if (this.at > this.#bytes.length) throw new RangeError("A text on the bus ends beyond its message.");
    return this.#bytes.toString("utf8", start, start + length);
  }
}

function endianOf(bytes: Buffer): boolean {
  const mark = bytes[0];
  if (mark === 0x6c) return true;
  if (mark === 0x42) return false;
  throw new Error("What is on the bus is no D-Bus message.");
}

const padded = (length: number, to: number): number => Math.ceil(length / to) * to;
