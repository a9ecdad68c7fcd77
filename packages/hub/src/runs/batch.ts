/** One batch on its way: what each of its calls has come to, and what follows from that. */
import { noMachine, type RunId, type RunState } from "@paddock/contract";
import { type EndedCall, type How, isFailure, outcomeOf } from "./batch-outcome.ts";
import type { BatchesParts } from "./batch-parts.ts";
import type { BatchCall, BatchRecord } from "./batch-store.ts";
import { atEndOf, type OpenRun } from "./open-run.ts";
import type { Answer } from "./runs.ts";

/** `asked`: its machine has not admitted it yet. `held`: it waits for the word. */
type Phase = "asked" | "held" | "released" | "ended";

interface Call {
  run: RunId;
  place: number;
  phase: Phase;
  /** It has had the word. */
  ran: boolean;
  failed: boolean;
}

export type BatchParts = Pick<BatchesParts, "store" | "batches" | "machines" | "tracker">;

export class Batch {
  readonly #run: OpenRun;
  readonly #record: BatchRecord;
  readonly #parts: BatchParts;
  readonly #onEnd: () => void;
  readonly #calls: readonly Call[];
  /** Why no further call gets the word; null as long as they do. */
  #stopped: "rejected" | "cancelled" | "failed" | null;

  constructor(run: OpenRun, record: BatchRecord, parts: BatchParts, onEnd: () => void) {
    this.#run = run;
    this.#record = record;
    this.#parts = parts;
    this.#onEnd = onEnd;
    this.#stopped = record.cancelled ? "cancelled" : null;
    this.#calls = record.calls.map((call, place) => this.#follow(call, place));
  }

  /** Does what is to be done by now. */
  advance(): void {
    this.#stopped ??= this.#reasonToStop();
    if (this.#stopped) this.#callOff();
    else if (this.#calls.every(({ phase }) => phase !== "asked")) this.#releaseNext();
    if (this.#calls.every(({ phase }) => phase === "ended")) this.#finish();
    else this.#parts.tracker.state(noMachine, this.#run.id, this.#state());
  }

  cancel(): void {
    this.#stopped = "cancelled";
    for (const { run, phase } of this.#calls) if (phase === "released") this.#machineOf(run)?.cancel(run);
    this.advance();
  }

  #follow({ run: id, held, released }: BatchCall, place: number): Call {
    const run = this.#parts.tracker.find(id);
    const call: Call = { run: id, place, phase: released ? "released" : "asked", ran: released, failed: false };
    if (!run) return this.#ended(call, this.#endOf(id));
    // A run that was there before may be another batch's, which alone gives it the word.
    if (held) {
      run.awaitsWord = !released;
      run.follower = { held: () => this.#held(call), state: () => this.advance() };
    }
    atEndOf(run, (answer) => {
      this.#ended(call, answer);
      this.advance();
    });
    return call;
  }

  /** Its machine waits for the word; again, where the word or the end did not reach it. */
  #held(call: Call): void {
    if (call.phase === "released") this.#machineOf(call.run)?.go(call.run);
    else if (call.phase !== "ended") call.phase = "held";
    this.advance();
  }

  #ended(call: Call, answer: Pick<Answer, "ok" | "envelope">): Call {
    call.phase = "ended";
    call.failed = isFailure(answer);
    return call;
  }

  #reasonToStop(): "rejected" | "failed" | null {
    const isUnderWay = this.#record.calls.some(({ held }, place) => held && this.#calls[place]?.ran);
    if (!isUnderWay && this.#calls.some(({ phase, ran }) => phase === "ended" && !ran)) return "rejected";
    return this.#record.failFast && this.#calls.some(({ ran, failed }) => ran && failed) ? "failed" : null;
  }

  /** What has not had the word gets an end instead; a machine that is away is told when it is back and says that it waits. */
  #callOff(): void {
    for (const { run, phase } of this.#calls) {
      if (phase === "asked" || phase === "held") this.#machineOf(run)?.cancel(run);
    }
  }

  /** Of the whole: somebody who waits for it is told when the owner is asked. */
  #state(): RunState {
    const isAsked = ({ run }: Call) => this.#parts.tracker.find(run)?.state === "waiting_approval";
    if (this.#calls.some(isAsked)) return "waiting_approval";
    return this.#calls.some(({ ran }) => ran) ? "running" : "accepted";
  }

  #releaseNext(): void {
    const { atOnce, run } = this.#record;
    const running = this.#calls.filter(({ phase }) => phase === "released").length;
    const waiting = this.#calls.filter(({ phase }) => phase === "held");
    for (const call of waiting.slice(0, Math.max(0, atOnce - running))) {
      this.#parts.batches.released(run, call.place);
      call.phase = "released";
      call.ran = true;
      const open = this.#parts.tracker.find(call.run);
      if (open) open.awaitsWord = false;
      this.#machineOf(call.run)?.go(call.run);
    }
  }

  #finish(): void {
    const how: How = this.#stopped === "rejected" || this.#stopped === "cancelled" ? this.#stopped : "ran";
    const calls = this.#calls.map(({ run, ran }) => ({ ...this.#endOf(run), ran }));
    this.#onEnd();
    this.#parts.tracker.end(this.#run, outcomeOf(this.#run.id, how, calls));
  }

  #endOf(id: RunId): Omit<EndedCall, "ran"> {
    const { store, machines } = this.#parts;
    const row = store.find(id);
    if (!row) throw new Error(`run ${id} of a batch is not on record`);
    const { tool, machine, state, ok } = row;
    const envelope = store.result(id)?.envelope ?? Buffer.alloc(0);
    return { run: id, tool, machine: machines.find(machine)?.name ?? null, state, ok: ok === 1, envelope };
  }

  #machineOf(id: RunId) {
    const run = this.#parts.tracker.find(id);
    return run ? this.#parts.machines.find(run.machine) : null;
  }
}
