/** A call as it reaches the gate, over whichever link it came. */
import type { Duplex } from "node:stream";
import type { CallFrame } from "@paddock/contract/link";

export type GateCall = Pick<CallFrame, "run" | "tool" | "input" | "principal" | "deadline"> & {
  workspace?: string | undefined;
  /** Between the caller and the tool, for as long as link and run last. */
  stream?: Duplex;
  /** It is admitted only, and runs when it gets the word. */
  hold?: boolean | undefined;
};
