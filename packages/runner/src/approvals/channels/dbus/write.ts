/** D-Bus messages as bytes: the types that calls to a notification service have, little endian. */

/** An argument of a call, with its type as the D-Bus specification writes it. */
export type Argument =
  | readonly ["s", string]
  | readonly ["u", number]
  | readonly ["i", number]
  | readonly ["as", readonly string[]]
  | readonly ["a{sv}", Readonly<Record<string, Hint>>];

/** A variant, as far as the hints of a notification need them. */
export type Hint = readonly ["y", number] | readonly ["b", boolean] | readonly ["s", string];

export interface Call {
  destination: string;
  path: string;
  interface: string;
  member: string;
  body?: readonly Argument[];
}

const methodCall = 1;
const protocolVersion = 1;
/** Codes of the header's fields. */
const fields = { path: 1, interface: 2, member: 3, destination: 6, signature: 8 } as const;

/** `serial` is what the reply names. */
export function encodeCall({ destination, path, interface: of, member, body = [] }: Call, serial: number): Buffer {
  const content = new Writer();
  for (const argument of body) content.argument(argument);
  const header = new Writer();
  for (const byte of [0x6c, methodCall, 0, protocolVersion]) header.byte(byte);
  header.uint32(content.length);
  header.uint32(serial);
  header.array(8, () => {
    header.field(fields.path, "o", path);
    header.field(fields.destination, "s", destination);
    header.field(fields.interface, "s", of);
    header.field(fields.member, "s", member);
    if (body.length > 0) header.field(fields.signature, "g", body.map(([type]) => type).join(""));
  });
  header.align(8);
  return Buffer.concat([header.bytes, content.bytes]);
}

class Writer {
  readonly #parts: Buffer[] = [];
  length = 0;

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  align(to: number): void {
    this.#push(Buffer.alloc((to - (this.length % to)) % to));
  }

  byte(value: number): void {
    this.#push(Buffer.of(value));
  }

  uint32(value: number): void {
    this.align(4);
    const part = Buffer.alloc(4);
    part.writeUInt32LE(value >>> 0);
    this.#push(part);
  }

  /** NUL ends a string on the bus: what follows it would be read as something else. */
  string(text: string): void {
    const bytes = Buffer.from(text.replaceAll("\0", "\u{fffd}"));
    this.uint32(bytes.length);
    this.#push(bytes);
    this.byte(0);
  }

  array(alignment: number, write: () => void): void {
    this.align(4);
    const size = Buffer.alloc(4);
    this.#push(size);
    this.align(alignment);
    const start = this.length;
    write();
    size.writeUInt32LE(this.length - start);
  }

  field(code: number, type: "o" | "s" | "g", value: string): void {
    this.align(8);
    this.byte(code);
    this.signature(type);
    if (type === "g") this.signature(value);
    else this.string(value);
  }

  signature(text: string): void {
    this.byte(text.length);
    this.#push(Buffer.from(`${text}\0`, "latin1"));
  }

  argument([type, value]: Argument): void {
    if (type === "s") this.string(value);
    else if (type === "u" || type === "i") this.uint32(value);
    else if (type === "as") this.#strings(value);
    else this.#hints(value);
  }

  #strings(texts: readonly string[]): void {
    this.array(4, () => {
      for (const text of texts) this.string(text);
    });
  }

  #hints(hints: Readonly<Record<string, Hint>>): void {
    this.array(8, () => {
      for (const [name, hint] of Object.entries(hints)) this.#entry(name, hint);
    });
  }

  #entry(name: string, [type, value]: Hint): void {
    this.align(8);
    this.string(name);
    this.signature(type);
    if (type === "y") this.byte(value);
    else if (type === "b") this.uint32(value ? 1 : 0);
    else this.string(value);
  }

  #push(part: Buffer): void {
    this.#parts.push(part);
    this.length += part.length;
  }
}
