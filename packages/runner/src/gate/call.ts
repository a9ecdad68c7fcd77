/** A call as it reaches the gate, over whichever link it came. */
import type { CallFrame } from "@paddock/contract/link";

export type GateCall = Pick<CallFrame, "run" | "tool" | "input" | "principal" | "deadline"> & {
  workspace?: string | undefined;
};
