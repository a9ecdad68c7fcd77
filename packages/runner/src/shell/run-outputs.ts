/**
 * What commands print while their calls last, for whoever asks by the run's id. One that somebody has read along with leaves
 * its output behind like a process that has ended, so that reading on by cursor gives all of it.
 */
import { PaddockError, type ProcessId, type RunId } from "@paddock/contract";
import type { Printed } from "../processes/background.ts";
import type { Readable } from "../processes/reading.ts";
import type { ProcessRegistry } from "../processes/registry.ts";

/** The output of one call of a command, until it is disposed of. */
export interface RunOutput extends Disposable {
  /** Where it is printed to, once the command has begun. */
  prints(printed: Printed): void;
  readonly wasRead: boolean;
  /** The call is over, and its output stays with that process. */
  stays(process: ProcessId): void;
}

interface Open {
  domain: string;
  printed: Printed | null;
  wasRead: boolean;
}

/** Runs whose output stays with a process; the oldest are forgotten first, their processes by bounds of their own. */
const maxStaying = 256;
const runningNow = { state: "running", exitCode: null } as const;

export class RunOutputs {
  readonly #registry: Pick<ProcessRegistry, "find">;
  readonly #open = new Map<RunId, Open>();
  readonly #staying = new Map<RunId, { domain: string; process: ProcessId }>();

  constructor(registry: Pick<ProcessRegistry, "find">) {
    this.#registry = registry;
  }

  begin(run: RunId, domain: string): RunOutput {
    const open: Open = { domain, printed: null, wasRead: false };
    this.#open.set(run, open);
    return {
      prints: (printed) => {
        open.printed = printed;
      },
      get wasRead() {
        return open.wasRead;
      },
      stays: (process) => this.#stay(run, { domain, process }),
      [Symbol.dispose]: () => void this.#open.delete(run),
    };
  }

  /** Throws run_not_found for a run that runs no command, or one of another domain. */
  find(domain: string, run: RunId): Readable {
    const open = this.#open.get(run);
    if (open?.domain === domain) {
      open.wasRead = true;
      return { printed: open.printed, running: true, record: runningNow };
    }
    const staying = this.#staying.get(run);
    if (staying?.domain === domain) return this.#registry.find(domain, staying.process);
    throw new PaddockError(
      "run_not_found",
      `${run} is no command that runs now.`,
      "get_run has its state, and once it has ended its answer with what it printed.",
    );
  }

  #stay(run: RunId, staying: { domain: string; process: ProcessId }): void {
    this.#staying.set(run, staying);
    const [oldest] = this.#staying.keys();
    if (this.#staying.size > maxStaying && oldest !== undefined) this.#staying.delete(oldest);
  }
}
