/**
 * One way in which somebody may try to get past Paddock, as a row of data. The same attack is made twice: against a real
 * hub and runner, where it must do no harm, and against a stand-in that lacks the defence, where it must. An attack that
 * could never work proves nothing, and is no row.
 */
import type { Envelope } from "../world/callers.ts";
import type { Scene } from "./scene.ts";

export type Harm =
  | "secret read" // a canary was in an answer, in a file of the workspace, or went to a listener
  | "file changed" // a file outside of the workspace was changed, made or removed
  | "packet sent" // a listener outside of the cage was reached
  | "program ended" // a program of the owner was ended
  | "line crossed"; // what the row itself says and looks for

/** Whoever makes the calls, and all that they got to hear. */
export interface Attacker {
  call(tool: string, input?: object): Promise<Envelope>;
  /** Runs a script, in the row's own folder; what it printed. */
  sh(script: string, timeoutSeconds?: number): Promise<string>;
  readonly heard: string;
  readonly token: string;
  /** Ids of the runs it made, oldest first. */
  readonly runs: readonly string[];
  /** Another caller, with a token of its own. */
  another(token?: { toolset?: string; workspace?: string }): Promise<Attacker>;
  /** A request with its token, where the headers do not say otherwise; an empty header is not sent. */
  http(request: HttpRequest): Promise<HttpAnswer>;
  /** The person who is asked. */
  readonly owner: Owner;
  /** Says something to the machine as its hub, and tells what came back; only for who has taken the hub over. */
  say(frame: object): Promise<string>;
  /** Has the machine's runner start anew; only for who has taken the hub over. */
  restart(): Promise<void>;
  /** Sends bytes to the way out of a cage, where names lead wherever the attacker wants; only for who has no cage. */
  send(bytes: string | Buffer): Promise<string>;
}

/** Each waits for a question, and says what the owner sees of it. */
export interface Owner {
  reads(): Promise<string>;
  /** Once, or for some minutes. */
  allows(minutes?: number): Promise<string>;
  denies(): Promise<string>;
  /** What came with the workspace, as it is now. */
  approvesContent(): Promise<unknown>;
}

export interface HttpRequest {
  path: string;
  method?: string;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text as it is. */
  body?: unknown;
}

export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

/** What the stand-in gets wrong, where it is not simply without any check. */
export type Weakness =
  | "prefix" // compares paths as text, without the separator
  | "lexical" // compares paths as text, and follows links
  | "decodes" // takes %2e for a dot
  | "expands" // takes ~ and $HOME for the owner's home
  | "blocklist" // refuses commands by what their text looks like
  | "keeps capabilities" // contains a command in namespaces, and leaves it every capability in them
  | "goes anywhere" // gives a way to the network that goes wherever it is told
  | "one shell for all" // gives every caller the same shell
  | "checks first"; // looks at the real path, and opens it by its name later

export interface Mechanism {
  /** `group/what`, for ever. */
  id: string;
  /** What is tried, as the end of "somebody tries to ...". */
  tries: string;
  /** What keeps it from working, and is missing in the control run. */
  defence: string;
  /** What the control run must show. The real one must show none at all. */
  harm: Harm;
  weakness?: Weakness;
  /** The attack is refused as an input that no such call may have; others must not be, or they were no attack. */
  refusedAsInput?: true;
  attack(attacker: Attacker, scene: Scene): Promise<unknown>;
  /** Where the attack itself cannot be made against the stand-in: the same harm done in its way. */
  control?(attacker: Attacker, scene: Scene): Promise<unknown>;
}

/** Rows whose attack is a script. */
export const script = (
  group: string,
  { id, script: text, ...row }: Omit<Mechanism, "attack" | "control"> & { script: (scene: Scene) => string },
): Mechanism => ({ ...row, id: `${group}/${id}`, attack: (attacker, scene) => attacker.sh(text(scene)) });
