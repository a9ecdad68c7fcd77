/** What the policy is asked about, and what it answers. */
import type { Effect } from "@paddock/contract";
import type { Doubt, Invocation, Script } from "./shell/script.ts";

export type Profile = "readonly" | "workspace" | "open";

/** A path that a call names. Absolute and normalised. */
export interface WantedPath {
  path: string;
  access: "read" | "write";
  /** Where the path leads, links followed, when that is elsewhere. */
  real?: string;
}

/** What a call wants. */
export interface Wants {
  paths?: readonly WantedPath[];
  command?: string;
  /** The command gets a terminal, and what is typed there later is not known yet. */
  terminal?: boolean;
  /** Real path of the directory that a command beyond its cage starts in. */
  directory?: string;
  /** The caller itself wishes that the owner is asked. */
  confirm?: boolean;
  /** The wishes beyond the cage; each of them is asked about. */
  network?: boolean;
  noCage?: boolean;
  /** The bridged server that the call is for, and its tool. */
  server?: string;
  serverTool?: string;
  beyond?: readonly { path: string; access: "read" | "write" }[];
  /** The hosts that are to be reached, `name` or `name:port`; any of them for a network wish without. */
  hosts?: readonly string[];
  /** Why, in the caller's words; shown to the owner as untrusted text. */
  reason?: string;
}

/** One program that the text of a call would start, and what its name leads to on this machine. */
export interface Command extends Pick<Invocation, "program" | "args" | "through" | "kind" | "text"> {
  /** The file that is found, and every other path that it is by links; empty for what is not found and for builtins. */
  leadsTo: readonly string[];
  /** The file lies where agents may write. */
  writable: boolean;
}

export interface Commands {
  list: readonly Command[];
  /** Why there may be more than the list says. */
  unresolved: readonly Doubt[];
  /** Files that the shell itself opens for them, as they are written. */
  redirects: Script["redirects"];
}

export interface Request {
  tool: string;
  effect: Effect;
  profile: Profile;
  principal: string;
  /** The caller's name, as the owner gave it to the token. */
  caller: string;
  surface: string;
  machine: string;
  workspace: string;
  wants: Wants;
  /** A path of the call lies where no tool may look: credentials, Paddock's own state, what the owner has closed. */
  closed?: boolean;
  /** What the call's text would start; only where a rule depends on it. */
  commands?: Commands;
  /** The directory that it starts in; only where a rule depends on it. */
  cwd?: string;
}

/** When it is decided: the policy has no clock. */
export interface Moment {
  /** Milliseconds since 1970. */
  now: number;
  /** The latest `now` so far. What was allowed for a time stays over when the clock is set back. */
  latest: number;
  /** Minutes since midnight, in the time of the machine. */
  minute: number;
}

export type Verdict = "allow" | "ask" | "deny";
/** What an answer must be worth: vouched for by the hub, signed by a device, or given on the machine. */
export type Assurance = "hub" | "device" | "local";
