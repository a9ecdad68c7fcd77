/** The ways to a person. A channel shows questions and may bring answers, which it hands to `Questions.answer`. */
import type {
  ApprovalAnswer,
  ApprovalId,
  ApprovalOutcome,
  Assurance,
  DeviceSignature,
  ShownQuestion,
} from "@paddock/contract";

export interface Channel {
  /** As settings and the audit log name it: "desktop", "ntfy", "webhook", "hub". */
  readonly name: string;
  /**
   * Shows the question and does not wait for its answer. `told` says that a person may see it and can allow it elsewhere only,
   * `unavailable` in one sentence why nobody can see it here. The signal is aborted when the question is over.
   */
  show(question: ShownQuestion, signal: AbortSignal): Promise<"shown" | "told" | { unavailable: string }>;
  /** The question is over; what was shown of it changes accordingly. Must not throw. */
  withdraw(id: ApprovalId, outcome: ApprovalOutcome): Promise<void>;
}

/** An answer as a channel hands it over. */
export interface GivenAnswer {
  /** Of the question; ids of none are refused like those that are over. */
  id: string;
  answer: ApprovalAnswer;
  channel: string;
  /** Who gave it, as far as the channel knows. */
  by: string;
  /** What the channel vouches for by itself. A valid signature of an enrolled device makes it at least `device`. */
  assurance: Assurance;
  signature?: DeviceSignature;
}
