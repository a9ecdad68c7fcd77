/**
 * Batches: many calls as one. Each call is sent to its machine to be admitted only; when all are admitted they get the word to
 * run, in their order and so many at once, and when one is refused none gets it. What is decided is written before it is done,
 * so that a batch goes on, or is called off, where a hub that died left it.
 */
import type { RunId, Tool } from "@paddock/contract";
import { Batch } from "./batch.ts";
import { admit } from "./batch-admit.ts";
import type { BatchesParts } from "./batch-parts.ts";
import type { BatchRecord } from "./batch-store.ts";
import type { OpenRun } from "./open-run.ts";
import type { CallRequest } from "./runs.ts";
import type { RunRow } from "./store.ts";

export class Batches {
  readonly #parts: BatchesParts;
  readonly #open = new Map<RunId, Batch>();

  /** Takes up the batches that were open when the last hub ended. */
  constructor(parts: BatchesParts) {
    this.#parts = parts;
    for (const { id } of parts.store.open()) {
      const run = parts.tracker.find(id);
      const record = parts.batches.find(id);
      if (run && record) this.#follow(run, record);
    }
  }

  /** The run of the batch, a new one or that of its idempotency key. Throws what keeps it from being one. */
  start(tool: Tool, request: CallRequest): OpenRun | RunRow {
    const earlier = this.#parts.opening.earlier(tool, request);
    if (earlier) return earlier;
    const { run, record, send } = admit(tool, request, this.#parts);
    this.#follow(run, record);
    send();
    return run;
  }

  /** Calls it off: what has the word is ended, the rest never runs. False for a run that is no open batch. */
  cancel(id: RunId): boolean {
    const batch = this.#open.get(id);
    if (!batch) return false;
    this.#parts.batches.cancelled(id);
    batch.cancel();
    return true;
  }

  #follow(run: OpenRun, record: BatchRecord): void {
    const batch = new Batch(run, record, this.#parts, () => this.#open.delete(run.id));
    this.#open.set(run.id, batch);
    batch.advance();
  }
}
