/** A rule: what it speaks about, what it says, and why. Rules are data, so that every decision can be shown and replayed. */
import type { Effect } from "@paddock/contract";
import type { Assurance, Profile, Verdict } from "./request.ts";

/** What a call may want beyond its cage, and that its caller wants to be asked about it. */
export type Wish = "network" | "no_cage" | "beyond" | "confirm";

/** A program and how its arguments begin. `*` stands for any text but `/`, `**` for any text. */
export interface ProgramPattern {
  /** A name, or an absolute path. */
  name: string;
  args: readonly string[];
  /** Nothing may follow the arguments. */
  exact?: boolean;
}

/** All that is present must hold; an empty condition speaks about everything. */
export interface Condition {
  tools?: readonly string[];
  effects?: readonly Effect[];
  profiles?: readonly Profile[];
  /** The call wishes for at least one of these; to be allowed, for nothing else. */
  wishes?: readonly Wish[];
  /** The call wishes for nothing beyond its cage. */
  contained?: true;
  /** A path of the call is one of these or lies below one; to be allowed, each does. Absolute. */
  paths?: readonly string[];
  /** A path of the call lies where no tool may look. */
  closed?: true;
  /** A path of the call has the name of a file that holds secrets. */
  secrets?: true;
  /** A command of the call's text is one of these; to be allowed, each command is covered by some rule. */
  programs?: readonly ProgramPattern[];
  /** The call starts in one of these directories or below. Absolute. */
  cwd?: readonly string[];
  /** A host that is reached, as `name`, `*.name` or either with `:port`; to be allowed, each host. */
  network?: readonly string[];
  /** A bridged server that is called, `id`, or one of its tools, `id/tool`. */
  servers?: readonly string[];
  machines?: readonly string[];
  /** Name or id of the caller. */
  callers?: readonly string[];
  /** Milliseconds since 1970, from which on the rule says nothing. */
  until?: number;
  /** Minutes since midnight; a range that ends before it begins goes over midnight. */
  hours?: { from: number; to: number };
}

export interface Rule {
  id: string;
  verdict: Verdict;
  when: Condition;
  /** For `ask`: what the answer must be worth. */
  assurance?: Assurance;
  /** An owner's rule counts against a built-in deny. */
  override?: boolean;
  /** A rule of every installation: one that yields gives way to the owner's rules, a firm one to none. */
  builtin?: "yields" | "firm";
  /** One sentence for the person who is asked and for the caller who is refused. */
  reason: string;
}

export interface Decision {
  verdict: Verdict;
  /** The rules that decide, strongest first, each with the verdict that it comes to here; empty when none speaks. */
  because: readonly Rule[];
  /** For `ask`: the strictest assurance among the asking rules. */
  assurance: Assurance;
}
