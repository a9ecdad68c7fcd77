/** What contains programs, as the rest of the sandbox uses it: bubblewrap, Docker, or nothing. */
import type { CageSpec, Cages, Contained, Limits } from "./cage.ts";
import type { Hidden, HiddenPath } from "./hidden/hidden.ts";
import type { Proof } from "./proof.ts";

export interface CageOptions {
  kind: Cages["kind"];
  /** PADDOCK_HOME; no cage ever sees it. */
  home: string;
  limits: Limits;
  /** Limits that the owner has set: where one cannot be enforced the start fails, instead of a default that is reported missing. */
  configured?: readonly (keyof Limits)[];
  /** Home of the machine's owner. */
  ownerHome: string;
  /** The owner's PATH. */
  toolPath: string;
  /** What no cage sees, as it is at the moment. */
  hidden(): readonly HiddenPath[];
  /** For the kind docker: the engine's socket, and the image by its digest. */
  docker?: { socket: string; image: string };
  /** Called when something else has come to stand where something is hidden. */
  onHiddenChange?(path: string): void;
}

export interface Backend {
  readonly kind: Cages["kind"];
  /** What it holds on this machine, as far as it was tried at the start. */
  readonly proof: Proof;
  /** `limits` are all that hold; `hidden` is what is there at the moment. */
  start(spec: CageSpec, limits: Limits, hidden: readonly Hidden[]): Promise<Contained>;
  /** To be called after the last cage has ended. */
  close(): void;
}
