/** Whether the commands of a call are what a rule's program patterns speak about. */
import { baseName, matchesGlob } from "./patterns.ts";
import type { Command, Commands } from "./request.ts";
import type { ProgramPattern } from "./rule.ts";

/** `maybe`: it depends on what only the run will tell. */
export type Certainty = "yes" | "maybe" | "no";

/** Whether one of the patterns speaks about one of the commands: for rules that ask or deny, which would rather speak too often. */
export function speakOf(patterns: readonly ProgramPattern[], commands: Commands | undefined): Certainty {
  if (!commands) return "no";
  let result: Certainty = commands.unresolved.length > 0 ? "maybe" : "no";
  for (const command of commands.list) {
    for (const pattern of patterns) {
      const found = speaksOf(pattern, command);
      if (found === "yes") return "yes";
      if (found === "maybe") result = "maybe";
    }
  }
  return result;
}

/** Whether a pattern allows a command: for sure, and for a program that no agent could have put there. */
export function covers({ name, args, exact }: ProgramPattern, command: Command): boolean {
  const { program, kind, leadsTo, writable } = command;
  if (program === null || writable || (leadsTo.length === 0 && kind !== "builtin")) return false;
  const named = name.includes("/")
    ? leadsTo.some((path) => matchesGlob(name, path))
    : [program, ...leadsTo.map(baseName)].some((text) => matchesGlob(name, text));
  if (!named || (exact && args.length !== command.args.length)) return false;
  return args.every((pattern, index) => {
    const arg = command.args[index];
    return typeof arg === "string" && matchesArgument(pattern, arg);
  });
}

function speaksOf(pattern: ProgramPattern, { program, leadsTo, args }: Command): Certainty {
  if (program === null) return "maybe";
  const paths = [program, ...leadsTo];
  const isNamed = pattern.name.includes("/")
    ? paths.some((path) => matchesGlob(pattern.name, path))
    : paths.some((path) => matchesGlob(pattern.name, baseName(path)));
  return isNamed ? argumentsSpeak(pattern, args) : "no";
}

/** Options before the first plain argument are passed over, with or without a value: `git -C . push` is a `git push`. */
function argumentsSpeak({ args: patterns, exact }: ProgramPattern, args: Command["args"]): Certainty {
  const isOther = exact === true && args.length !== patterns.length && !args.includes(null);
  if (isOther) return "no";
  const found = [...(exact ? [0] : starts(args))].map((start) => beginsWith(patterns, args, start));
  return found.find((one) => one === "yes") ?? found.find((one) => one === "maybe") ?? "no";
}

function starts(args: Command["args"]): ReadonlySet<number> {
  const found = new Set([0]);
  for (const start of found) {
    const word = args[start];
    if (word === null || !word?.startsWith("-")) continue;
    for (const next of [start + 1, start + 2]) if (next < args.length) found.add(next);
  }
  return found;
}

function beginsWith(patterns: readonly string[], args: Command["args"], start: number): Certainty {
  for (const [index, pattern] of patterns.entries()) {
    const arg = args[start + index];
    if (arg === null) return "maybe";
    if (arg === undefined || !matchesArgument(pattern, arg)) return "no";
  }
  return "yes";
}

/** In an argument a star stands for any text. */
const matchesArgument = (pattern: string, arg: string): boolean => matchesGlob(pattern.replaceAll("*", "**"), arg);
