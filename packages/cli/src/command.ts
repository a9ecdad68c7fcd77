/** What a command of the command line is. The list of them is data: the parser, the help and the completion come from it. */
import { PaddockError } from "@paddock/contract/errors";
import type { Places } from "./home.ts";
import type { Shown } from "./shown.ts";

export interface CommandContext {
  places: Places;
  environment: NodeJS.ProcessEnv;
  /** Positional arguments, in order. */
  args: readonly string[];
  /** Option values by their long name in camelCase. */
  options: Readonly<Record<string, unknown>>;
}

export interface CommandSpec {
  /** Words after `paddock`, then its arguments in commander's notation: `token revoke <id>`. */
  usage: string;
  summary: string;
  /** Flags in commander's notation, and what they say. */
  options?: readonly (readonly [flags: string, description: string])[];
  examples?: readonly string[];
  /** Hands on what the parser does not know, for tools whose flags come from their schema. */
  passThrough?: boolean;
  /** Its arguments may begin with a dash, as keys do that are made of chance. */
  dashedArguments?: boolean;
  /** Shows its own words as it goes, and ends by itself. */
  load(): Promise<{ run(context: CommandContext): Promise<Shown | undefined> }>;
}

/** The whole number of an option, or undefined when it was not given. */
export function countOption(
  options: CommandContext["options"],
  name: string,
  { min, max }: { min: number; max: number },
): number | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new PaddockError(
    "invalid_input",
    `--${name} takes a whole number from ${min} to ${max}, not ${JSON.stringify(text)}.`,
    "Correct the option and run it again.",
  );
}

/** The text of an option, or undefined. */
export function textOption(options: CommandContext["options"], name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}
