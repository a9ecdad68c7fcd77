/**
 * Reading what a caged program writes to a named pipe, without a stream where a few synchronous reads do.
 *
 * While a short command runs nothing is attached: when it has ended, `drain` takes what lies in the pipe. `attach` reads
 * as it comes, for what takes longer or prints more than a pipe holds. Only the kernel says when the last writer is gone.
 */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { Socket } from "node:net";

export type Sink = (chunk: Buffer) => void;

const openForReading = constants.O_RDONLY | constants.O_NONBLOCK;
const openForBoth = constants.O_RDWR | constants.O_NONBLOCK;
const chunkBytes = 65_536;
/** One for all: reads are synchronous and every sink copies. */
const shared = Buffer.alloc(chunkBytes);

export class FifoReader {
  readonly #path: string;
  readonly #sink: Sink;
  /** For `drain`; -1 after `close`. */
  #fd: number;
  #socket: Socket | null = null;

  /** The pipe may be read from now on: a writer that opens it does not have to wait. */
  constructor(path: string, sink: Sink) {
    this.#path = path;
    this.#sink = sink;
    this.#fd = openSync(path, openForReading);
  }

  /** Takes what is there. `ended`: no writer is left; `held`: somebody can still write. */
  drain(): "ended" | "held" {
    while (this.#fd >= 0) {
      const count = readNow(this.#fd);
      if (count === null) return "held";
      if (count === 0) break;
      this.#sink(shared.subarray(0, count));
    }
    return "ended";
  }

  /** Reads as it comes, until the last writer is gone; `onEnd` is called then. */
  attach(onEnd: () => void): void {
    // A descriptor of its own: the stream closes it when it likes, and an older one would take the absence of a writer
    // that has not opened yet for the end.
    const fd = openSync(this.#path, openForReading);
    const onread = {
      buffer: Buffer.alloc(chunkBytes),
      callback: (count: number, buffer: Uint8Array) => this.#take(count, buffer),
    };
    this.#socket = new Socket({ fd, readable: true, writable: false, onread });
    this.#socket.on("error", () => this.#socket?.destroy());
    this.#socket.once("close", onEnd);
    this.#socket.resume();
  }

  /** Stops reading; what is written afterwards fails or waits for another reader. */
  close(): void {
    this.#socket?.destroy();
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  #take(count: number, buffer: Uint8Array): boolean {
    this.#sink(Buffer.from(buffer.buffer, buffer.byteOffset, count));
    return true;
  }
}

/** Bytes read into the shared buffer, 0 at the end, null when there is nothing at the moment. */
function readNow(fd: number): number | null {
  try {
    return readSync(fd, shared, 0, chunkBytes, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return null;
    throw error;
  }
}

/** Writes to a named pipe from the moment it is opened, whether or not a reader is there yet. */
export function openFifoWriter(path: string): Socket {
  const socket = new Socket({ fd: openSync(path, openForBoth), readable: false, writable: true });
  // A reader that went away is told by the end of its program.
  socket.on("error", () => socket.destroy());
  return socket;
}
