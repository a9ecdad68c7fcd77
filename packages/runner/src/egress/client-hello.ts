/** The name that a TLS client asks for, read from its first bytes. Pure. */

export type Hello =
  | { type: "more" } // not all of it has come yet
  | { type: "other" } // not the beginning of TLS
  | { type: "hello"; name: string | null };

/** A client's first message is far smaller; nothing beyond is held back for it. */
export const maxHelloBytes = 32 * 1024;

const [handshakeRecord, clientHello, serverNameExtension, hostNameType] = [22, 1, 0, 0];
const [recordHeader, messageHeader] = [5, 4];
/** Usually it is one. */
const mostRecords = 16;

/** Looks at the bytes that have come so far. */
export function readHello(bytes: Buffer): Hello {
  if (bytes.length === 0) return { type: "more" };
  if (bytes[0] !== handshakeRecord || (bytes.length > 1 && bytes[1] !== 3)) return { type: "other" };
  const message = handshakeIn(bytes);
  if (message === null) return bytes.length > maxHelloBytes ? { type: "other" } : { type: "more" };
  try {
    return message[0] === clientHello ? { type: "hello", name: serverName(new Reader(message)) } : { type: "other" };
  } catch (error) {
    if (error instanceof RangeError) return { type: "other" };
    throw error;
  }
}

/** The first handshake message, put together from the records it is spread over; null while some of it is missing. */
function handshakeIn(bytes: Buffer): Buffer | null {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + recordHeader <= bytes.length && bytes[at] === handshakeRecord && parts.length < mostRecords) {
    const end = at + recordHeader + bytes.readUInt16BE(at + 3);
    parts.push(bytes.subarray(at + recordHeader, end));
    at = end;
  }
  const message = Buffer.concat(parts);
  const length = message.length < messageHeader ? messageHeader : messageHeader + message.readUIntBE(1, 3);
  return message.length < length ? null : message.subarray(0, length);
}

/** Reads one field after the other; a RangeError where there is less than it should be. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  number(size: 1 | 2 | 3): number {
    const value = this.#bytes.readUIntBE(this.#at, size);
    this.#at += size;
    return value;
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new RangeError("beyond the end");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

/** Null where none is given. Two of them are as bad as bytes that make no sense. */
function serverName(hello: Reader): string | null {
  hello.take(4 + 2 + 32);
  hello.take(hello.number(1));
  hello.take(hello.number(2));
  hello.take(hello.number(1));
  if (hello.isAtEnd) return null;
  const extensions = new Reader(hello.take(hello.number(2)));
  const names: string[] = [];
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = extensions.take(extensions.number(2));
    if (type === serverNameExtension) names.push(...hostNames(new Reader(content)));
  }
  if (names.length > 1) throw new RangeError("more than one name");
  return names[0] ?? null;
}

function hostNames(content: Reader): string[] {
  const list = new Reader(content.take(content.number(2)));
  const names: string[] = [];
  while (!list.isAtEnd) {
    const type = list.number(1);
    const name = list.take(list.number(2));
    if (type === hostNameType) names.push(name.toString("latin1"));
  }
  return names;
}
