/** What the policy is asked about, and what it answers. */
import type { Effect } from "@paddock/contract";

export type Profile = "readonly" | "workspace" | "open";

/** What a call wants. Paths are absolute and normalised. */
export interface Wants {
  paths?: readonly { path: string; access: "read" | "write" }[];
  command?: string;
  /** Real path of the directory that a command beyond its cage starts in. */
  directory?: string;
  /** The wishes beyond the cage; each of them is asked about. */
  network?: boolean;
  noCage?: boolean;
  /** The bridged server that the call is for. */
  server?: string;
  beyond?: readonly { path: string; access: "read" | "write" }[];
  /** Why, in the caller's words; shown to the owner as untrusted text. */
  reason?: string;
}

export interface Request {
  tool: string;
  effect: Effect;
  profile: Profile;
  principal: string;
  surface: string;
  workspace: string;
  wants: Wants;
}

export type Verdict = "allow" | "ask" | "deny";
/** What an answer must be worth: vouched for by the hub, signed by a device, or given on the machine. */
export type Assurance = "hub" | "device" | "local";
