/** What a run comes to: the bytes that the caller gets, and the state that the ledger and the audit log keep. */
import {
  type ErrorCode,
  failure,
  hideKnown,
  PaddockError,
  type RunId,
  type RunState,
  type Tool,
} from "@paddock/contract";
import type { Ended } from "../ledger/ledger.ts";
import { answerJson } from "../tools/answer-json.ts";
import type { Outcome } from "../tools/handler.ts";

export interface Result extends Ended {
  envelope: Buffer;
  code?: ErrorCode;
  exitCode?: number | null;
}

/** No answer is larger, whatever a tool returns. */
const maxAnswerBytes = 8 * 1024 * 1024;

export function completed(tool: Tool, outcome: Outcome<unknown>): Result {
  const { data, content } = outcome;
  const envelope = answerJson(tool, outcome);
  const more = content && content.length > 0 ? Buffer.from(JSON.stringify(content)) : null;
  if (envelope.length + (more?.length ?? 0) > maxAnswerBytes) {
    throw new PaddockError("file_too_large", "The answer would be larger than 8 MiB.");
  }
  const exitCode = exitCodeOf(data);
  return { state: "completed", ok: true, envelope, content: more, ...(exitCode === undefined ? {} : { exitCode }) };
}

export function failed(tool: string, run: RunId, error: PaddockError): Result {
  const envelope = Buffer.from(hideKnown(JSON.stringify(failure(tool, error, { runId: run }))));
  return { state: stateOf[error.code] ?? "failed", ok: false, envelope, content: null, code: error.code };
}

/** The states that failures other than plain ones end in. */
const stateOf: Partial<Record<ErrorCode, RunState>> = {
  denied: "refused",
  readonly: "refused",
  inert: "refused",
  path_outside_roots: "refused",
  working_directory_denied: "refused",
  working_directory_outside_allowed_roots: "refused",
  needs_owner: "refused",
  approval_denied: "refused",
  approval_expired: "expired",
  approval_stale: "refused",
  approval_unavailable: "refused",
  cancelled: "cancelled",
  run_unknown: "unknown",
};

const exitCodeOf = (data: unknown): number | null | undefined =>
  typeof data === "object" && data !== null && "exit_code" in data ? (data.exit_code as number | null) : undefined;
