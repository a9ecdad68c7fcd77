/** The one shape in which every tool answers, `search` and `fetch` excepted. */
import type { PaddockError } from "./errors.ts";
import type { RunId } from "./ids.ts";

export interface Failure {
  ok: false;
  tool: string;
  summary: string;
  data: { code: string; message: string; next_step: string; reference?: string; run_id?: string; details?: unknown };
}

export interface Success {
  ok: true;
  tool: string;
  summary: string;
  data: unknown;
}

export type Envelope = Success | Failure;

/** The answer for a failure the caller can act on. */
export function failure(tool: string, error: PaddockError, more: { runId?: RunId; details?: unknown } = {}): Failure {
  const details = more.details ?? error.details;
  return {
    ok: false,
    tool,
    summary: error.message,
    data: {
      code: error.code,
      message: error.message,
      next_step: error.nextStep,
      ...(more.runId === undefined ? {} : { run_id: more.runId }),
      ...(details === undefined ? {} : { details }),
    },
  };
}

/** The answer for a run that is not finished when the wait ends. */
export function unfinished(tool: string, runId: RunId, state: "running" | "waiting_approval"): Success {
  const summary =
    state === "running"
      ? `Still running. Call get_run with id ${runId} to wait for it.`
      : `Waiting for the owner's approval. Call get_run with id ${runId} to wait for it.`;
  return { ok: true, tool, summary, data: { state, run_id: runId } };
}
