/** What one command prints on its two streams, from the pipes of a lane, until nobody holds them any more. */
import { FifoReader } from "../processes/fifo.ts";
import type { Lane, Lanes } from "../processes/lanes.ts";
import { OutputLog } from "../processes/output-log.ts";

/** Most commands end sooner: only for the others something is attached to the pipes. */
const attachAfterMs = 2;

export class Capture {
  readonly stdout: OutputLog;
  readonly stderr: OutputLog;
  readonly lane: Lane;
  readonly #lanes: Lanes;
  readonly #readers: readonly [FifoReader, FifoReader];
  readonly #timer: NodeJS.Timeout;
  #listening = true;
  #isAttached = false;
  /** Attached pipes that somebody can still write to. */
  #open = 0;
  #onOutput: (() => void) | null = null;

  constructor(lanes: Lanes, lane: Lane, maxBytes: number) {
    this.lane = lane;
    this.#lanes = lanes;
    this.stdout = new OutputLog(maxBytes);
    this.stderr = new OutputLog(maxBytes);
    this.#readers = [this.#reader(lane.out, this.stdout), this.#reader(lane.err, this.stderr)];
    this.#timer = setTimeout(() => this.#attach(), attachAfterMs);
  }

  /** Called whenever something was printed. */
  set onOutput(listener: () => void) {
    this.#onOutput = listener;
  }

  /**
   * Takes what was printed so far and nothing of what comes later: a background job may go on writing, which is read and
   * dropped so that it does not stand still. The lane is given back when its last writer is gone.
   */
  finish(): void {
    clearTimeout(this.#timer);
    const held = this.#readers.filter((reader) => reader.drain() === "held");
    this.#listening = false;
    if (!this.#isAttached && held.length > 0) this.#attach();
    // Of a pipe that nobody ever opened no end is told.
    for (const reader of this.#readers) if (!held.includes(reader)) reader.close();
    this.#giveBackOnce();
  }

  /** Keeps reading for a command that goes on in the background. */
  keep(): void {
    clearTimeout(this.#timer);
    if (!this.#isAttached) this.#attach();
  }

  #reader(path: string, log: OutputLog): FifoReader {
    return new FifoReader(path, (chunk) => {
      if (!this.#listening) return;
      log.push(chunk);
      this.#onOutput?.();
    });
  }

  #attach(): void {
    this.#isAttached = true;
    this.#open = this.#readers.length;
    for (const reader of this.#readers) {
      reader.attach(() => {
        this.#open -= 1;
        this.#giveBackOnce();
      });
    }
  }

  #giveBackOnce(): void {
    if (this.#listening || this.#open > 0) return;
    for (const reader of this.#readers) reader.close();
    this.#lanes.give(this.lane);
  }
}
