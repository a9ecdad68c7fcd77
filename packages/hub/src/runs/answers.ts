/** The answers that the hub words itself: refusals, runs that are not finished, and ends that no runner could report. */
import { failure, isTerminal, PaddockError, type RunId, type RunState, unfinished } from "@paddock/contract";
import type { Answer } from "./runs.ts";

export const jsonBytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** Nothing was run. */
export const refusal = (tool: string, error: PaddockError, run: RunId | null = null): Answer => ({
  run,
  state: "refused",
  ok: false,
  envelope: failureBytes(tool, error, run),
  content: null,
});

export const unfinishedAnswer = (tool: string, run: RunId, state: RunState): Answer => ({
  run,
  state,
  ok: true,
  envelope: jsonBytes(unfinished(tool, run, state === "waiting_approval" ? state : "running")),
  content: null,
});

export const failureBytes = (tool: string, error: PaddockError, run: RunId | null): Buffer =>
  jsonBytes(failure(tool, error, run ? { runId: run } : {}));

const endings: Partial<Record<RunState, () => PaddockError>> = {
  refused: () => new PaddockError("denied", "The machine refused the call."),
  cancelled: () => new PaddockError("cancelled", "The run was cancelled."),
  expired: () => new PaddockError("timeout", "The run reached its deadline."),
};

/** The envelope of an ended run whose runner has no more to say about it than its state. */
export function endingBytes(tool: string, run: RunId, state: RunState): Buffer {
  if (!isTerminal(state)) throw new Error(`run ${run} has not ended`);
  const error = endings[state]?.() ?? new PaddockError("run_unknown", "The run was started and then interrupted.");
  return failureBytes(tool, error, run);
}
