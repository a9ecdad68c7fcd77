/** What became of a batch, put together from the answers of its runs. Pure. */
import { failure, PaddockError, type RunId, type RunState } from "@paddock/contract";
import type { OutputOf } from "@paddock/contract/tools";
import type { RunResult } from "../machines/machine.ts";
import { jsonBytes } from "./answers.ts";

/** A call of the batch that has ended. */
export interface EndedCall {
  run: RunId;
  tool: string;
  machine: string | null;
  /** It had the word to run. */
  ran: boolean;
  state: RunState;
  ok: boolean;
  /** Empty where its answer is not kept any more. */
  envelope: Buffer;
}

export type How = "ran" | "rejected" | "cancelled";

type Result = OutputOf<"batch">["results"][number];

/** Of all data together; what is beyond it is fetched by its run. */
const maxDataBytes = 1024 * 1024;

export function outcomeOf(batch: RunId, how: How, calls: readonly EndedCall[]): RunResult {
  const results = resultsOf(calls);
  if (how !== "ran") return failed(batch, how, results);
  const succeeded = calls.filter((call) => call.ran && !isFailure(call)).length;
  const not_run = calls.filter(({ ran }) => !ran).length;
  const counts = { succeeded, failed: calls.length - succeeded - not_run, not_run };
  const outcome = succeeded === calls.length ? "completed" : "partly_failed";
  const data: OutputOf<"batch"> = { outcome, ...counts, results };
  const unrun = not_run === 0 ? "" : `, ${not_run} ${not_run === 1 ? "was" : "were"} not run`;
  const summary = `${succeeded} of ${calls.length} calls succeeded${unrun}.`;
  const envelope = jsonBytes({ ok: true, tool: "batch", summary, data });
  return { state: "completed", ok: true, envelope, content: null };
}

const failures = {
  rejected: () => new PaddockError("batch_rejected", "A call of the batch was refused, so none was run."),
  cancelled: () => new PaddockError("cancelled", "The batch was cancelled; details say what had run by then."),
} as const;
const states = { rejected: "refused", cancelled: "cancelled" } as const;

function failed(batch: RunId, how: "rejected" | "cancelled", results: readonly Result[]): RunResult {
  const envelope = jsonBytes(failure("batch", failures[how](), { runId: batch, details: { results } }));
  return { state: states[how], ok: false, envelope, content: null };
}

/** A command that ended with another code than 0 has failed as a step, though not as a call. */
export function isFailure({ ok, envelope }: Pick<EndedCall, "ok" | "envelope">): boolean {
  if (!ok) return true;
  const { exit_code: code = 0 } = (dataOf(envelope) ?? {}) as { exit_code?: unknown };
  return code !== 0;
}

function resultsOf(calls: readonly EndedCall[]): Result[] {
  let left = maxDataBytes;
  return calls.map(({ run, tool, machine, ran, state, ok, envelope }, index) => {
    const isKept = envelope.length > 0;
    const fits = isKept && envelope.length <= left;
    if (fits) left -= envelope.length;
    const { summary = "", data = null } = fits ? parsed(envelope) : { summary: isKept ? tooLong : gone };
    const common = { index, tool, machine, run_id: run, ran, state, ok };
    return { ...common, summary, data, truncated: !fits };
  });
}

const gone = "Its answer was delivered before and is not kept.";
const tooLong = "Too long to be told here: get_run has it by run_id.";

const dataOf = (envelope: Buffer): unknown => (envelope.length === 0 ? null : parsed(envelope).data);

/** `search` and `fetch` answer in a bare shape. */
function parsed(envelope: Buffer): { summary?: string; data?: unknown } {
  const answer = JSON.parse(envelope.toString("utf8")) as { summary?: string; data?: unknown };
  return "summary" in answer ? answer : { summary: "", data: answer };
}
