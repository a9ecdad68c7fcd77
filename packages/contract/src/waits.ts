/** How long a run may take, worked out from the settings: no wait is shorter than the approval it covers. */
import type { Config } from "./config.ts";

type Times = Pick<Config, "answer_budget_seconds" | "command_timeout_seconds" | "approval_timeout_seconds">;

/** What a caller can give a command at the most. */
export const longestCommandSeconds = 3_600;
/** What a caller who comes back for the answer of a run can wait for it at once. */
export const longestRunWaitSeconds = 30;
/** Covers starting, queueing and taking a snapshot. */
const slackSeconds = 60;

/**
 * Seconds from a call to the latest end of its run: the time the command may take, and never less than a surface waits, after
 * the time that the owner has to answer. `wanted` is the caller's own limit; without one the owner's setting counts.
 */
export function runSeconds(wanted: number | null, times: Times): number {
  const command = wanted === null ? times.command_timeout_seconds : Math.min(wanted, longestCommandSeconds);
  return Math.max(command, times.answer_budget_seconds) + slackSeconds + times.approval_timeout_seconds;
}

/** No run takes longer, whatever its caller wants. */
export const longestRunSeconds = (times: Times): number => runSeconds(longestCommandSeconds, times);
