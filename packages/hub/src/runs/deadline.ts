/** When a run ends at the latest, so that nothing runs or waits for ever. */
import { runSeconds } from "@paddock/contract";

/** In milliseconds since the epoch. A call's own `timeout_seconds` counts before the owner's setting. */
export function deadlineOf(input: unknown, now: number, config: Parameters<typeof runSeconds>[1]): number {
  const wanted =
    typeof input === "object" && input !== null && "timeout_seconds" in input
      ? Number(input.timeout_seconds)
      : Number.NaN;
  return now + Math.ceil(runSeconds(wanted > 0 ? wanted : null, config) * 1000);
}
