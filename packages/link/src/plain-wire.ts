/** A wire over a WebSocket that needs no further protection: a unix socket which only the owner's account can open. */
import type { Writable } from "node:stream";
import type { RawData, WebSocket } from "ws";
import { copyBytes, type Wire, type WireEvents } from "./wire.ts";

/** What the socket is made of, where that is known: messages that belong together then go out with one system call. */
type Corkable = Pick<Writable, "cork" | "uncork">;

/** A side that does not answer the closing of a socket within that time is not waited for. */
const closeWithinMs = 1_000;

export function plainWire(socket: WebSocket, stream?: Corkable): Wire {
  let events: WireEvents | null = null;
  let reason = "the other side closed the link";
  let isCut = false;
  // A large message comes in pieces, and is passed on without being copied together.
  socket.binaryType = "fragments";
  socket.on("message", (data, isBinary) => {
    if (isCut) return;
    events?.alive?.();
    if (isBinary) events?.bytes(piecesOf(data));
    else events?.text(textOf(data));
  });
  for (const sign of ["ping", "pong"] as const) socket.on(sign, () => events?.alive?.());
  socket.on("error", (fault) => {
    reason = fault.message;
  });
  socket.on("close", () => events?.closed(reason));
  const isOpen = (): boolean => socket.readyState === socket.OPEN;
  return {
    get isOpen() {
      return isOpen();
    },
    get waiting() {
      return socket.bufferedAmount;
    },
    listen(next) {
      events = next;
    },
    text(text) {
      if (isOpen()) socket.send(text);
    },
    bytes(pieces, taken) {
      if (isOpen()) sendPieces(socket, pieces, taken);
    },
    together(send) {
      stream?.cork();
      send();
      stream?.uncork();
    },
    drained: () => drained(socket),
    ping() {
      if (isOpen()) socket.ping();
    },
    close: () => closeSoon(socket),
    cut(why) {
      isCut = true;
      reason = why;
      socket.terminate();
    },
  };
}

/** One binary message. A large one is sent piece by piece rather than copied together. `taken` is called when it is on its way. */
export function sendPieces(socket: WebSocket, pieces: readonly Buffer[], taken?: () => void): void {
  const total = pieces.reduce((sum, { length }) => sum + length, 0);
  const parts = total <= copyBytes && pieces.length > 1 ? [Buffer.concat(pieces, total)] : pieces;
  const last = parts.length - 1;
  for (const [index, part] of parts.entries()) {
    const isLast = index === last;
    socket.send(part, { binary: true, fin: isLast }, (error) => {
      if (isLast && !error) taken?.();
    });
  }
}

export const drained = (socket: WebSocket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) resolve();
    else socket.ping(undefined, undefined, () => resolve());
  });

/** The socket's own patience with a side that does not answer is half a minute. */
export function closeSoon(socket: WebSocket): void {
  socket.close(1000);
  const timer = setTimeout(() => socket.terminate(), closeWithinMs).unref();
  socket.once("close", () => clearTimeout(timer));
}

export const piecesOf = (data: RawData): readonly Buffer[] =>
  Array.isArray(data) ? data : [Buffer.isBuffer(data) ? data : Buffer.from(data)];

const textOf = (data: RawData): string =>
  Array.isArray(data) ? Buffer.concat(data).toString("utf8") : data.toString();
