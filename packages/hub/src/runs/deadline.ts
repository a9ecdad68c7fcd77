/** When a run ends at the latest, so that nothing runs or waits for ever. */
import type { Config } from "@paddock/contract";

/** Covers starting, queueing and taking a snapshot. */
const slackSeconds = 60;
const longestTimeoutSeconds = 3_600;

/**
 * The time the command may take (its own `timeout_seconds`, else the default, and never less than a surface waits), after
 * the time the owner has to answer a question. In milliseconds since the epoch.
 */
export function deadlineOf(
  input: unknown,
  now: number,
  config: Pick<Config, "answer_budget_seconds" | "command_timeout_seconds" | "approval_timeout_seconds">,
): number {
  const wanted =
    typeof input === "object" && input !== null && "timeout_seconds" in input
      ? Number(input.timeout_seconds)
      : Number.NaN;
  const command = wanted > 0 ? Math.min(wanted, longestTimeoutSeconds) : config.command_timeout_seconds;
  const working = Math.max(command, config.answer_budget_seconds) + slackSeconds;
  return now + Math.ceil((working + config.approval_timeout_seconds) * 1000);
}
