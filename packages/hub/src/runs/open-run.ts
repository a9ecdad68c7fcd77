/** A run that has not ended, and those who wait for it. */
import type { Effect, MachineId, RunId, RunState } from "@paddock/contract";
import type { OutgoingCall } from "../machines/machine.ts";
import { unfinishedAnswer } from "./answers.ts";
import type { Answer } from "./runs.ts";

export interface Follower {
  /** Only the word to run is missing; can come more than once. */
  held(): void;
  /** Its state has changed. */
  state(): void;
}

export interface OpenRun {
  readonly id: RunId;
  /** Where it runs; no other machine can say anything about it. */
  readonly machine: MachineId;
  readonly tool: string;
  readonly effect: Effect;
  readonly principal: string;
  readonly createdAt: number;
  readonly deadline: number;
  /** What was sent, as long as it may have to be sent again. */
  call: OutgoingCall | null;
  /** A runner is known to have it. */
  taken: boolean;
  state: RunState;
  /** False for a run that only the runner knows, asked for by a client that came back. */
  readonly recorded: boolean;
  /** Its result is kept even when somebody gets it right away. */
  readonly keep: boolean;
  /** Callers that wait for its end; they can be sent away before it. */
  readonly waiters: Set<(answer: Answer) => void>;
  /** What the hub itself does at its end; null where that is nothing. */
  listeners: ((answer: Answer) => void)[] | null;
  /** It was sent with `hold` and has had no word to run. */
  awaitsWord: boolean;
  /** Who is told how it gets on: the batch that it is part of. */
  follower: Follower | null;
}

/** Waits for the end of a run, at most `milliseconds` or until `signal`; after that the answer says that it goes on. */
export function waitFor(run: OpenRun, milliseconds: number, signal?: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const settle = (answer: Answer): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      run.waiters.delete(settle);
      resolve(answer);
    };
    const stop = (): void => settle(unfinishedAnswer(run.tool, run.id, run.state));
    const timer = setTimeout(stop, milliseconds);
    run.waiters.add(settle);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

export const newOpenRun = (
  run: Omit<OpenRun, "state" | "taken" | "waiters" | "listeners" | "awaitsWord" | "follower">,
): OpenRun => ({
  ...run,
  state: "accepted",
  taken: false,
  waiters: new Set(),
  listeners: null,
  awaitsWord: false,
  follower: null,
});

/** Has the hub do something at the end of a run, whoever waits for that. */
export function atEndOf(run: OpenRun, listener: (answer: Answer) => void): void {
  run.listeners ??= [];
  run.listeners.push(listener);
}
