/** A rule: what it speaks about, what it says, and why. Rules are data, so that every decision can be shown and replayed. */
import type { Effect } from "@paddock/contract";
import type { Assurance, Profile, Verdict } from "./request.ts";

/** What a call may want beyond its cage. */
export type Wish = "network" | "no_cage" | "beyond";

/** All that is present must hold; an empty condition speaks about everything. */
export interface Condition {
  tools?: readonly string[];
  effects?: readonly Effect[];
  profiles?: readonly Profile[];
  /** The call wishes for at least one of these. */
  wishes?: readonly Wish[];
  /** The call wishes for nothing beyond its cage. */
  contained?: true;
  /** A path of the call is one of these or lies below one. Absolute. */
  paths?: readonly string[];
}

export interface Rule {
  id: string;
  verdict: Verdict;
  when: Condition;
  /** For `ask`: what the answer must be worth. */
  assurance?: Assurance;
  /** One sentence for the person who is asked and for the caller who is refused. */
  reason: string;
}

export interface Decision {
  verdict: Verdict;
  /** The rules that speak about the request, strongest first; empty when none does. */
  because: readonly Rule[];
  /** For `ask`: the strictest assurance among the asking rules. */
  assurance: Assurance;
}
