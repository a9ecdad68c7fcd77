/** A machine as the hub knows it: what its runner said of itself, and whether it is there. */

export interface About {
  /** For models: project memory and how to work here. */
  instructions: string;
  workspace: string;
  roots: readonly { path: string; write: boolean }[];
  profile: string;
  sandbox: string;
  bridged: boolean;
}

export interface Machine {
  readonly online: boolean;
  /** Null until a runner has said hello for the first time. */
  readonly about: About | null;
  /** Called at once when `about` or `online` changes; returns how to stop. */
  onChange(listener: () => void): () => void;
}
