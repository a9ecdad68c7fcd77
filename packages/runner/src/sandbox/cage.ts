/** What a cage is asked for and what it gives, whatever contains it. */
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import type { Profile } from "@paddock/policy";
import type { Entry } from "../processes/process-table.ts";

export interface Mount {
  /** Absolute host path, seen under the same path inside unless `at` says otherwise. */
  path: string;
  at?: string;
  write: boolean;
  /** A real path that somebody else chose: where a link has taken its place by now, no cage is made. */
  exact?: boolean;
}

/** Takes what programs of one cage send to the network. */
export interface Doorway {
  /** A connection that one of them made to `proxyInside`. */
  accept(connection: Socket): void;
  /** Called instead, when nothing will ever come: the cage has no network then. */
  lost(): void;
  /** Variables of the cage for what it offers besides. */
  readonly env: Readonly<Record<string, string>>;
  /** Called once, when the cage is gone or could not be made. */
  close(): void;
}

/** Where a cage with a doorway finds it. A cage without one, or whatever else it tries, has nobody to talk to. */
export const proxyInside = { host: "127.0.0.1", port: 3128 } as const;

export interface Limits {
  memoryBytes: number;
  /** Processors' worth of time, of all processes together. */
  cpus: number;
  pids: number;
  tmpBytes: number;
  openFiles: number;
  fileBytes: number;
}

export interface CageSpec {
  /** The program, absolute or looked up on the cage's PATH, and its arguments. */
  argv: readonly string[];
  /** Host path of the directory to start in; it must be visible inside. */
  cwd: string;
  profile: Profile;
  /** Trust domain whose private home is mounted as the home directory. */
  domain: string;
  /** Roots to show, at their own host paths; `readonly` makes all of them read-only. */
  roots: readonly { path: string; write: boolean }[];
  /** Further mounts, applied after the roots. */
  mounts?: readonly Mount[];
  /** Added to the clean environment of the cage. */
  env?: Readonly<Record<string, string>>;
  limits?: Partial<Limits>;
  /** File descriptors of this process to hand on, as 3, 4, ... inside. */
  inherit?: readonly number[];
  /**
   * Shows the roots, the mounts and /proc, and nothing else: no system, no tools, no home, no /tmp, and no environment but
   * `env`. The view is the usual one nevertheless for a program that is not linked statically, where no control group
   * holds the limits (a program of the system sets them then), and where a root is the whole machine.
   */
  bare?: boolean;
  /** The way out to the network; without it there is none. A bare cage that is given one is none. */
  doorway?: Doorway | null;
  /** Runs outside of any cage, with a clean environment. Only for a call whose `granted` says `noCage`. */
  noCage?: boolean;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A program in a cage, as a backend gives it. */
export interface Contained {
  /** Process id on the host of the process that holds the tree. */
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the program has ended and its streams are closed or drained for 2 s. Never rejects. */
  readonly exited: Promise<Exit>;
  /** The processes of the tree that run at the moment. */
  members(): Entry[];
  /** How many of the places that its limit allows are taken: by threads, and by what has ended and was not waited for. */
  places(): number;
  /** Asks nicely, then ends the whole tree; resolves when all of it is gone. */
  kill(graceMs: number): Promise<void>;
  /** Begins to end the whole tree. */
  destroy(): void;
}

export interface Caged extends Contained {
  /** Why Paddock stopped it, for whoever uses it; null when it did not. */
  readonly stopped: string | null;
}

export interface Finished extends Exit {
  stdout: Buffer;
  stderr: Buffer;
  /** True where output beyond `maxBytes` was dropped. */
  truncated: boolean;
  timedOut: boolean;
}

export interface RunOptions {
  input?: string | Buffer;
  /** Most bytes kept of each stream. */
  maxBytes: number;
  timeoutMs: number;
  signal?: AbortSignal;
  /** Called for each chunk of stdout as it comes; returning false ends the program, which then counts as finished. */
  onStdout?: (chunk: Buffer) => boolean;
}

/** The one door to other programs. */
export interface Cages {
  readonly kind: "bwrap" | "docker" | "srt" | "none";
  start(spec: CageSpec): Promise<Caged>;
  run(spec: CageSpec, options: RunOptions): Promise<Finished>;
}

/** Whether a cage can show a file or folder under another path than its own. */
export const canRemap = ({ kind }: Pick<Cages, "kind">): boolean => kind === "bwrap" || kind === "docker";
