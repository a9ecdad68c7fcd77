/** What a tool's implementation receives and gives back. */
import type { Duplex } from "node:stream";
import type { Principal, RunId } from "@paddock/contract";
import type { InputOf, OutputOf, RunnerToolName } from "@paddock/contract/tools";
import type { Profile, Wants } from "@paddock/policy";
import type { ProgramFile } from "../approvals/program-files.ts";
import type { Roots } from "../files/roots.ts";
import type { JsonText } from "./json-text.ts";

/** One call that the gate has let through. */
export interface Call {
  readonly run: RunId;
  readonly tool: RunnerToolName;
  readonly principal: Principal;
  /** Key of the trust domain (principal, workspace, profile): shells, processes and private homes belong to one. */
  readonly domain: string;
  /** Real absolute path of the root that relative paths start at. */
  readonly workspace: string;
  /** The only way to a file: every access goes beneath one of these. */
  readonly roots: Roots;
  readonly profile: Profile;
  /** Aborted when the run is cancelled or reaches its deadline. */
  readonly signal: AbortSignal;
  /** Bytes between the caller and the tool; absent where the caller has opened none, and after a restart. */
  readonly stream?: Duplex;
  /** What was asked for beyond the cage and allowed; empty for ordinary contained work. */
  readonly granted: Wants;
  /** The programs and scripts that the owner was asked about, by their content; absent where nothing was asked. */
  readonly approved?: readonly ProgramFile[];
}

/** Where a call works, before it is decided what it may do. */
export type Place = Omit<Call, "granted" | "approved">;

/** A piece of MCP content besides the envelope, such as an image. */
export type Content =
  | { type: "image"; data: string; mimeType: string }
  | { type: "audio"; data: string; mimeType: string }
  | { type: "text"; text: string }
  | Record<string, unknown>;

export interface Outcome<D> {
  /** One line that says what happened. */
  summary: string;
  data: D;
  content?: readonly Content[];
  /** Takes the place of a field of `data`, which is "" there: for large text, which is then not decoded. */
  text?: { field: string; json: JsonText };
}

export interface Handler<N extends RunnerToolName> {
  /**
   * What the call wants, for the policy to decide on; nothing beyond its effect when absent. Quick, and changes nothing;
   * may look at the place where the answer is written there, such as the address of a git remote.
   */
  wants?(input: InputOf<N>, place: Place): Wants | Promise<Wants>;
  /** Absolute path of the directory that the call's text would start in; the workspace when absent. */
  startsIn?(input: InputOf<N>, place: Place): string | undefined | Promise<string | undefined>;
  /** Throws a PaddockError for what the caller can act on; anything else it throws is a bug. */
  run(input: InputOf<N>, call: Call): Promise<Outcome<OutputOf<N>>>;
}

export type Handlers<N extends RunnerToolName = RunnerToolName> = { readonly [K in N]: Handler<K> };
