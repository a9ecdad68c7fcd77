/** One at a time: who comes while somebody is in waits, but not for ever. */
import { PaddockError } from "@paddock/contract";

interface Waiting {
  enter(): void;
}

export class Turns {
  readonly #queue: Waiting[] = [];
  #busy = false;

  get busy(): boolean {
    return this.#busy;
  }

  /** Resolves when it is the caller's turn. Throws shell_busy after `patienceMs`, and the signal's reason when that is aborted. */
  enter(patienceMs: number, signal: AbortSignal): Promise<void> | undefined {
    signal.throwIfAborted();
    if (!this.#busy) {
      this.#busy = true;
      return undefined;
    }
    return this.#wait(patienceMs, signal);
  }

  leave(): void {
    const next = this.#queue.shift();
    if (next) next.enter();
    else this.#busy = false;
  }

  #wait(patienceMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const give = (up: unknown) => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        settle();
        reject(up);
      };
      const abort = () => give(signal.reason);
      const timer = setTimeout(() => give(busy()), patienceMs);
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
      };
      const waiting = {
        enter: () => {
          settle();
          resolve();
        },
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#queue.push(waiting);
    });
  }
}

const busy = (): PaddockError => new PaddockError("shell_busy", "Another command is still running in this shell.");
