/** What carries sealed messages over a network: whole messages in order. It is trusted with nothing, and bounded by whoever opens it. */
import type { Writable } from "node:stream";
import type { WebSocket } from "ws";
import { giveBack } from "./give-back.ts";
import { closeSoon, drained, piecesOf, sendPieces } from "./plain-wire.ts";

export interface CarrierEvents {
  /** The pieces are the listener's from then on. */
  message(pieces: readonly Buffer[]): void;
  /** Comes once. */
  closed(reason: string): void;
}

export interface Carrier {
  readonly isOpen: boolean;
  /** Bytes that wait to be sent. */
  readonly waiting: number;
  listen(events: CarrierEvents): void;
  /** The pieces are its own from then on. */
  send(pieces: readonly Buffer[]): void;
  together(send: () => void): void;
  drained(): Promise<void>;
  close(): void;
  cut(reason: string): void;
}

export function socketCarrier(socket: WebSocket, stream?: Pick<Writable, "cork" | "uncork">): Carrier {
  let events: CarrierEvents | null = null;
  let reason = "the connection ended";
  socket.binaryType = "fragments";
  socket.on("message", (data) => events?.message(piecesOf(data)));
  socket.on("error", (fault) => {
    reason = fault.message;
  });
  socket.on("close", () => events?.closed(reason));
  return {
    get isOpen() {
      return socket.readyState === socket.OPEN;
    },
    get waiting() {
      return socket.bufferedAmount;
    },
    listen(next) {
      events = next;
    },
    send(pieces) {
      if (socket.readyState === socket.OPEN) sendPieces(socket, pieces, () => pieces.forEach(giveBack));
    },
    together(send) {
      stream?.cork();
      send();
      stream?.uncork();
    },
    drained: () => drained(socket),
    close: () => closeSoon(socket),
    cut(why) {
      reason = why;
      socket.terminate();
    },
  };
}
