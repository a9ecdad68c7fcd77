/**
 * Carries what a host sends on to a program in a cage. Node's streams would make a new buffer for each 64 KiB; larger ones that
 * are used again make a download cost little more than half. A buffer is used again only when what it held has left.
 */
import type { OnReadOpts, Socket } from "node:net";
import { finished } from "node:stream/promises";

const pieceBytes = 256 * 1024;
/** Pieces that may wait to leave: while the program takes one, the next is read. */
const maxWaiting = 4;

export class Relay {
  /** For the connection to the host, from its beginning. */
  readonly onread: OnReadOpts;
  readonly #client: Socket;
  readonly #free: Uint8Array[] = [];
  #upstream: Socket | null = null;
  #waiting = 0;
  /** What the host said before the client was told that it is connected. */
  readonly #early: { bytes: Uint8Array; length: number }[] = [];

  constructor(client: Socket) {
    this.#client = client;
    this.onread = {
      buffer: () => this.#free.pop() ?? Buffer.allocUnsafeSlow(pieceBytes),
      callback: (length, bytes) => this.#take(bytes, length),
    };
  }

  /** From now on all of it goes to the client. Resolves when the host has said everything; rejects when a side breaks off. */
  async carry(upstream: Socket, signal: AbortSignal): Promise<void> {
    this.#upstream = upstream;
    upstream.once("end", () => this.#client.end());
    upstream.once("close", () => {
      if (!upstream.readableEnded) this.#client.destroy();
    });
    upstream.once("error", (fault) => this.#client.destroy(fault));
    for (const { bytes, length } of this.#early.splice(0)) this.#send(bytes, length);
    upstream.resume();
    try {
      await finished(this.#client, { readable: false, signal });
    } catch (error) {
      for (const end of [upstream, this.#client]) end.destroy();
      throw error;
    }
  }

  /** No further piece is read while some wait, so that a slow program slows its host. */
  #take(bytes: Uint8Array, length: number): boolean {
    if (!this.#upstream) {
      this.#early.push({ bytes, length });
      return false;
    }
    this.#send(bytes, length);
    return this.#waiting < maxWaiting;
  }

  #send(bytes: Uint8Array, length: number): void {
    this.#waiting += 1;
    this.#client.write(bytes.subarray(0, length), () => {
      this.#waiting -= 1;
      this.#free.push(bytes);
      this.#upstream?.resume();
    });
  }
}
