/** A run while it has not ended, and who is told about it. */
import type { RunId, RunState, ShownQuestion } from "@paddock/contract";
import type { Ended, Via } from "../ledger/ledger.ts";
import type { GateCall } from "./call.ts";
import { Hold } from "./hold.ts";

/** Who is told about a run. It may be gone by then: what it misses stays in the ledger. */
export interface Observer {
  readonly connected: boolean;
  state(run: RunId, state: RunState, question?: ShownQuestion): void;
  /** It is admitted and waits for the word to run. */
  held(run: RunId): void;
  /** `result` is null when its bytes are gone: acknowledged before, or a large reading that was on its way to somebody. */
  result(run: RunId, state: RunState, result: Ended | null): void;
}

export interface Active {
  call: GateCall;
  via: Via;
  state: RunState;
  observers: Set<Observer>;
  abort: AbortController;
  begunAt: number;
  hold: Hold | null;
  done: Promise<void>;
}

export const newActive = (call: GateCall, via: Via, observers: Iterable<Observer>): Active => ({
  call,
  via,
  state: "accepted",
  observers: new Set(observers),
  abort: new AbortController(),
  begunAt: performance.now(),
  hold: call.hold ? new Hold() : null,
  done: Promise.resolve(),
});
