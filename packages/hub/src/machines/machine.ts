/** A machine as the hub knows it: what its owner calls it, what its runner said of itself, and how to speak to it. */
import type { Duplex } from "node:stream";
import type { AuditSink, Exchange } from "@paddock/audit";
import type { ApprovalId, MachineId, RunId, RunState } from "@paddock/contract";
import type { About, CallFrame } from "@paddock/contract/link";
import type { AnswerFrame, QuestionEvents } from "../approvals/inbox.ts";

export type { About };

/** What the hub keeps of a machine. */
export interface MachineIdentity {
  readonly id: MachineId;
  /** What people and agents call it; no two have the same. */
  readonly name: string;
  readonly labels: readonly string[];
  /** Its link is refused, and no call goes to it. */
  readonly disabled: boolean;
}

export interface Machine extends MachineIdentity {
  readonly online: boolean;
  /** RFC 3339: now for one that is online, null for one that never was. */
  readonly lastSeenAt: string | null;
  /** Null until a runner has said hello for the first time. */
  readonly about: About | null;
  /** Called at once when anything of it changes; returns how to stop. */
  onChange(listener: () => void): () => void;
}

/** A run's result as its bytes came in. */
export interface RunResult {
  state: RunState;
  ok: boolean;
  envelope: Buffer;
  content: Buffer | null;
}

/** What runners say about runs, and which machine's runner says it. Every word can come more than once. */
export interface RunEvents {
  /** A link is up, perhaps to a runner that was started anew: ask it about whatever is open. */
  connected(machine: MachineId): void;
  accepted(machine: MachineId, run: RunId): void;
  state(machine: MachineId, run: RunId, state: RunState, approval?: ApprovalId): void;
  result(machine: MachineId, run: RunId, result: RunResult): void;
  /** Only the word to run is missing. */
  held(machine: MachineId, run: RunId): void;
  /** It does not know the run. */
  noRun(machine: MachineId, run: RunId): void;
}

export interface OutgoingCall extends Omit<CallFrame, "type" | "channel" | "stream" | "input"> {
  /** The input as JSON text, so that it is put into text once only. */
  inputJson: string;
  /**
   * Takes the stream between caller and tool, each time that the call is sent: a new link has a new one. Whoever takes it
   * destroys it when the run is over. It is not called when the link has too many streams; the tool then says that it has none.
   */
  onStream?: (stream: Duplex) => void;
}

/** Where it is recorded that a machine came and went, and where the audit logs of both sides end. */
export interface MachineRecords {
  audit: AuditSink;
  /** Each machine has a log of its own. */
  headsOf(machine: MachineId): Pick<Exchange, "greeting" | "hear" | "onWord">;
}

/** The way to a runner. Nothing waits: each word is sent at once, or answered with false when no runner is there. */
export interface RunnerWords {
  call(call: OutgoingCall): boolean;
  cancel(run: RunId): boolean;
  /** Lets a call run that was sent with `hold`. */
  go(run: RunId): boolean;
  /** The results are safe here; the runner may forget them. */
  acknowledge(runs: readonly RunId[]): boolean;
  query(run: RunId, principal: string): boolean;
  /** What the principal was granted is over: whatever it left running there ends. */
  endPrincipal(principal: string): boolean;
  answer(frame: Omit<AnswerFrame, "type">): boolean;
}

export interface LinkedMachine extends Machine, RunnerWords {}

/** What a surface knows of the machines. */
export type ShownMachines = Pick<Machines, "list" | "standard" | "onChange">;

/** All machines of a hub. */
export interface Machines {
  /** By name. */
  list(): readonly LinkedMachine[];
  /** By name or id. */
  find(name: string): LinkedMachine | null;
  /** What is shown where no machine is named: the hub's own, or else the first. */
  readonly standard: Machine;
  /** Called at once when a machine comes, goes, or changes; returns how to stop. */
  onChange(listener: (machine: LinkedMachine) => void): () => void;
  /** Sets who hears about runs. */
  listen(events: RunEvents): void;
  /** Sets who hears about questions. */
  listenToQuestions(events: QuestionEvents): void;
}
