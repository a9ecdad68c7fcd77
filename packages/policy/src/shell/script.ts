/** What a shell text would start, as far as it can be told without running it. */

/** One program that a command line would start, as far as its text tells. */
export interface Invocation {
  /** The word in command position after static expansion; null where it depends on the run. */
  program: string | null;
  /** Its arguments; null where one depends on the run, which may then stand for any number of them. */
  args: readonly (string | null)[];
  /** Wrappers that were seen through, outermost first, e.g. ["timeout", "sh -c"]. */
  through: readonly string[];
  /** Source text of this command, cut at 200 characters. */
  text: string;
  /**
   * `function`: the text defines one of this name. Whether the definition is in force is not known, so a rule about the
   * program of that name speaks about it as well.
   */
  kind: "program" | "builtin" | "function";
}

/** Why the text does not tell everything. */
export interface Doubt {
  reason: string;
  /** What of the text it is about, cut at 200 characters. */
  text: string;
}

export interface Script {
  invocations: readonly Invocation[];
  /** Why the text does not tell everything that would be started; empty when it does. */
  unresolved: readonly Doubt[];
  /** Files that redirections name statically, as they are written. */
  redirects: readonly { path: string; access: "read" | "write" }[];
  /** Directories the text changes to, as they are written, in order. For showing only. */
  directories: readonly string[];
}
