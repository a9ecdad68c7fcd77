/** A machine as the hub knows it: what its runner said of itself, whether it is there, and how to speak to it. */
import type { AuditSink, Exchange } from "@paddock/audit";
import type { ApprovalId, RunId, RunState } from "@paddock/contract";
import type { About, CallFrame } from "@paddock/contract/link";
import type { AnswerWire } from "../approvals/inbox.ts";

export type { About };

export interface Machine {
  readonly online: boolean;
  /** What it calls itself; empty until a runner has said hello for the first time. */
  readonly name: string;
  /** Null until a runner has said hello for the first time. */
  readonly about: About | null;
  /** Called at once when `about` or `online` changes; returns how to stop. */
  onChange(listener: () => void): () => void;
}

/** A run's result as its bytes came in. */
export interface RunResult {
  state: RunState;
  ok: boolean;
  envelope: Buffer;
  content: Buffer | null;
}

/** What a runner says about runs. Every word can come more than once. */
export interface RunEvents {
  /** A link is up, perhaps to a runner that was started anew: ask it about whatever is open. */
  connected(): void;
  accepted(run: RunId): void;
  state(run: RunId, state: RunState, approval?: ApprovalId): void;
  result(run: RunId, result: RunResult): void;
  /** It does not know the run. */
  noRun(run: RunId): void;
}

export interface OutgoingCall extends Omit<CallFrame, "type" | "channel" | "input"> {
  /** The input as JSON text, so that it is put into text once only. */
  inputJson: string;
}

/** Where it is recorded that a machine came and went, and where the audit logs of both sides end. */
export interface MachineRecords {
  audit: AuditSink;
  heads: Pick<Exchange, "greeting" | "hear" | "onWord">;
}

/** The way to a runner. Nothing waits: each word is sent at once, or answered with false when no runner is there. */
export interface RunnerWire extends Pick<AnswerWire, "answer"> {
  call(call: OutgoingCall): boolean;
  cancel(run: RunId): boolean;
  /** The results are safe here; the runner may forget them. */
  acknowledge(runs: readonly RunId[]): boolean;
  query(run: RunId, principal: string): boolean;
  /** What the principal was granted is over: whatever it left running there ends. */
  endPrincipal(principal: string): boolean;
}

/** What `runs` needs of a machine. */
export interface LinkedMachine extends Machine, RunnerWire, AnswerWire {
  /** Sets who hears about runs. */
  listen(events: RunEvents): void;
}
