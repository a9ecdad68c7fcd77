/** The life of a call. */
import * as z from "zod";

export const runStates = [
  "accepted",
  "waiting_approval",
  "running",
  "completed",
  "failed",
  "refused",
  "cancelled",
  "expired",
  "unknown",
] as const;
export const runState = z.enum(runStates);
export type RunState = z.infer<typeof runState>;

const open: ReadonlySet<RunState> = new Set(["accepted", "waiting_approval", "running"]);
/** A state that never changes again. */
export const isTerminal = (state: RunState): boolean => !open.has(state);
