/** What one reading of a text has found so far, and how much more work it may be. Shared by all that take part in it. */
import { type Expanded, fixed } from "./expanded.ts";
import type { Doubt, Invocation, Script } from "./script.ts";

/** Where in the text a command stands. */
export interface Place {
  /** Wrappers around it, outermost first. */
  through: readonly string[];
  /** The whole command as it is written, for showing. */
  text: string;
  /** Texts within texts (`sh -c`, `eval`) that lead here. */
  depth: number;
  /** `other`: a shell that shares only the plain part of its grammar with bash. */
  dialect: "bash" | "other";
  /** What the command reads, where the text says it whole; null where it does not. */
  input: string | null;
}

/** The two ways in which one command leads to further ones. */
export interface Further {
  /** Reads a text that a shell is given. */
  text(text: string, place: Place): void;
  /** Looks at a program with its arguments, started without a shell. */
  start(words: readonly Expanded[], place: Place): void;
}

/** The words by which a program has a shell carry out a text. */
export const shellWords = (text: Expanded): readonly Expanded[] => [fixed("sh"), fixed("-c"), text];

/** A command with arguments that may start others. */
export interface Call {
  args: readonly Expanded[];
  place: Place;
  reading: Reading;
  further: Further;
}

const maxInvocations = 1_000;
const maxDoubts = 100;
const maxShownLength = 200;
/** Sums over the lengths of all parts that are looked at, so that nesting cannot make the work grow with its square. */
const maxWork = 250_000;

export class Reading {
  readonly functions = new Set<string>();
  readonly #invocations: Invocation[] = [];
  readonly #unresolved: Doubt[] = [];
  readonly #redirects: { path: string; access: "read" | "write" }[] = [];
  readonly #directories: string[] = [];
  #work = 0;
  #isFull = false;

  /** False when no more may be read; that is then a doubt. */
  spend(length: number): boolean {
    this.#work += length + 8;
    if (this.#work > maxWork) this.#stop("The text is too long or too deeply nested to be read to its end.");
    return !this.#isFull;
  }

  name(invocation: Invocation): void {
    if (this.#invocations.length < maxInvocations)
      this.#invocations.push({ ...invocation, text: shown(invocation.text) });
    else this.#stop("The text starts too many programs to name all.");
  }

  doubt(reason: string, text: string): void {
    if (this.#unresolved.length < maxDoubts) this.#unresolved.push({ reason, text: shown(text) });
  }

  redirect(path: string, access: "read" | "write"): void {
    if (this.#redirects.length < maxInvocations) this.#redirects.push({ path, access });
  }

  directory(path: string): void {
    if (this.#directories.length < maxInvocations) this.#directories.push(path);
  }

  script(): Script {
    return {
      invocations: this.#invocations,
      unresolved: this.#unresolved,
      redirects: this.#redirects,
      directories: this.#directories,
    };
  }

  #stop(reason: string): void {
    if (this.#isFull) return;
    this.#isFull = true;
    this.#unresolved.unshift({ reason, text: "" });
  }
}

const shown = (text: string): string => (text.length > maxShownLength ? `${text.slice(0, maxShownLength - 1)}…` : text);
