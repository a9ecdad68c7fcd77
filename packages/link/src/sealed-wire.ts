/**
 * A wire over a carrier that nobody trusts. Each message is encrypted and authenticated with a key of its direction, and with its
 * number in that direction as the nonce: one that was changed, left out, repeated, moved or made up is none, and ends the wire.
 */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { maxFrameBytes } from "@paddock/contract/link";
import type { Carrier } from "./carrier.ts";
import { giveBack } from "./give-back.ts";
import { copyBytes, type Wire, type WireEvents } from "./wire.ts";

export interface SessionKeys {
  send: Buffer;
  receive: Buffer;
}

const cipherName = "aes-256-gcm";
const tagBytes = 16;
const kindBytes = 1;
/** What sealing adds to a message. */
export const sealBytes = tagBytes + kindBytes;
/** A key is used for so many messages, then replaced by one that follows from it and tells nothing of it. */
const messagesPerKey = 16_384;

const kinds = { text: 0, bytes: 1, ping: 2, pong: 3 } as const;

export function sealedWire(carrier: Carrier, keys: SessionKeys): Wire {
  const outgoing = countedKey(keys.send);
  const incoming = countedKey(keys.receive);
  let events: WireEvents | null = null;
  let isCut = false;
  const cut = (reason: string): void => {
    isCut = true;
    carrier.cut(reason);
  };
  const send = (kind: number, pieces: readonly Buffer[]): void => {
    if (carrier.isOpen) carrier.send(seal(outgoing, kind, pieces));
  };
  const take = (kind: number | undefined, pieces: readonly Buffer[]): void => {
    events?.alive?.();
    if (kind === kinds.text) events?.text(Buffer.concat(pieces).toString("utf8"));
    else if (kind === kinds.bytes) events?.bytes(pieces);
    else if (kind === kinds.ping) send(kinds.pong, []);
  };
  carrier.listen({
    message(pieces) {
      // What had come before the end is not heard any more: it could follow something that was left out.
      if (isCut) return;
      const opened = unseal(incoming, pieces);
      if (!opened) return cut("what came was not what the other side had sent");
      take(opened.kind, opened.pieces);
    },
    closed: (reason) => events?.closed(reason),
  });
  return {
    get isOpen() {
      return carrier.isOpen;
    },
    get waiting() {
      return carrier.waiting;
    },
    listen(next) {
      events = next;
    },
    text: (text) => send(kinds.text, [Buffer.from(text)]),
    bytes(pieces, taken) {
      send(kinds.bytes, pieces);
      taken?.();
    },
    together: (send) => carrier.together(send),
    drained: () => carrier.drained(),
    ping: () => send(kinds.ping, []),
    close: () => carrier.close(),
    cut,
  };
}

interface CountedKey {
  /** The key and nonce of the next message. */
  next(): { key: KeyObject; nonce: Buffer };
}

function countedKey(first: Buffer): CountedKey {
  // From bytes a key would be made anew for every message, which takes longer than sealing a short one.
  let key = createSecretKey(first);
  let number = 0;
  return {
    next() {
      if (number === messagesPerKey) {
        key = createSecretKey(Buffer.from(hkdfSync("sha256", key, "", "paddock link next key", first.length)));
        number = 0;
      }
      const nonce = Buffer.alloc(12);
      nonce.writeUInt32BE(number, 8);
      number += 1;
      return { key, nonce };
    },
  };
}

function seal(outgoing: CountedKey, kind: number, pieces: readonly Buffer[]): Buffer[] {
  const { key, nonce } = outgoing.next();
  const cipher = createCipheriv(cipherName, key, nonce);
  const sealed = withoutSmall([Buffer.from([kind]), ...pieces]).map((piece) => cipher.update(piece));
  cipher.final();
  return [...sealed, cipher.getAuthTag()];
}

/** Each piece costs something of its own: only large ones stand alone, the others are put together. */
function withoutSmall(pieces: readonly Buffer[]): Buffer[] {
  const joined: Buffer[] = [];
  let small: Buffer[] = [];
  const join = () => {
    if (small.length > 0) joined.push(Buffer.concat(small));
    small = [];
  };
  for (const piece of pieces) {
    if (piece.length <= copyBytes) small.push(piece);
    else {
      join();
      joined.push(piece);
    }
  }
  join();
  return joined;
}

/** Null for what the other side has not sent as the next message. */
function unseal(incoming: CountedKey, pieces: readonly Buffer[]): { kind: number; pieces: Buffer[] } | null {
  const total = pieces.reduce((sum, { length }) => sum + length, 0);
  if (total < sealBytes || total > maxFrameBytes + sealBytes) return null;
  const { body, tag } = withoutTag(pieces, total);
  const { key, nonce } = incoming.next();
  const decipher = createDecipheriv(cipherName, key, nonce, { authTagLength: tagBytes }).setAuthTag(tag);
  const plain = body.map((piece) => decipher.update(piece));
  try {
    decipher.final();
  } catch {
    return null;
  }
  pieces.forEach(giveBack);
  const [first = Buffer.alloc(0), ...rest] = plain.filter(({ length }) => length > 0);
  return { kind: first[0] ?? 0, pieces: [first.subarray(kindBytes), ...rest].filter(({ length }) => length > 0) };
}

function withoutTag(pieces: readonly Buffer[], total: number): { body: Buffer[]; tag: Buffer } {
  const body: Buffer[] = [];
  const tag: Buffer[] = [];
  let left = total - tagBytes;
  for (const piece of pieces) {
    const inBody = Math.max(0, Math.min(left, piece.length));
    if (inBody > 0) body.push(piece.subarray(0, inBody));
    if (inBody < piece.length) tag.push(piece.subarray(inBody));
    left -= piece.length;
  }
  return { body, tag: Buffer.concat(tag) };
}
