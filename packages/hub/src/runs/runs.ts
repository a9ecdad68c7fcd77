/** Calls as the hub sees them: recorded before they are sent, waited for within a budget, answered once. */
import type { Duplex } from "node:stream";
import type { Principal, RunId, RunState } from "@paddock/contract";
import type { RunPage, RunRow } from "./store.ts";

export interface CallRequest {
  principal: Principal;
  tool: string;
  /** As it came from the caller, not yet parsed. */
  input: unknown;
  /** Name or id of the machine; the only one there is when absent. */
  machine?: string;
  /** Absolute path of the root to work in; the machine's default when absent. */
  workspace?: string;
  idempotencyKey?: string;
  /** Ends the wait, never the run. */
  signal?: AbortSignal;
  /** Waits for less than the settings say. */
  budgetSeconds?: number;
  /** Takes the stream between caller and tool, each time that the call is sent; see `OutgoingCall`. */
  onStream?: (stream: Duplex) => void;
  /** Told the run's id as soon as it is recorded, so that the caller can cancel it. Must not throw. */
  onRun?(run: RunId): void;
}

export interface Answer {
  run: RunId | null;
  state: RunState;
  ok: boolean;
  /** JSON of the envelope, or of the bare answer of `search` and `fetch`; passed on without being parsed. */
  envelope: Buffer;
  /** JSON array of further MCP content, or null. */
  content: Buffer | null;
}

export interface Runs {
  /** Never throws for what the caller can act on: the answer then is a failure envelope. */
  call(request: CallRequest): Promise<Answer>;
  /** The answer of an earlier run of the same principal, waiting at most `waitSeconds` for it. Throws run_not_found. */
  get(principal: Principal, run: RunId, waitSeconds: number, signal?: AbortSignal): Promise<Answer>;
  /** Those of the principal, the newest first. */
  list(principal: Principal, page: RunPage): RunRow[];
  /** Asks the machine to stop it; the run ends as cancelled or as whatever it had become by then. Throws run_not_found. */
  cancel(principal: Principal, run: RunId): Promise<void>;
}
