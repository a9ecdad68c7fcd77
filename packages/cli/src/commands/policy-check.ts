/** Checks a rule file and its examples; needs nothing to run, as a file that is not right stops the start. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { PaddockError } from "@paddock/contract";
import { parseRules, readRuleFile } from "@paddock/runner/rules";
import type { CommandContext } from "../command.ts";
import { paint, printable, type Shown } from "../shown.ts";

export async function run({ places, args: [named], environment }: CommandContext): Promise<Shown> {
  const own = join(places.home, "policy.toml");
  const path = named === undefined ? own : resolve(named);
  const text = path === own ? readRuleFile(own) : draftAt(path);
  if (text === null)
    return {
      json: { file: path, rules: 0, warnings: [] },
      text: `There is no ${printable(path)}: only the built-in rules are in force.`,
    };
  const { rules, warnings } = parseRules({ text, path, ownerHome: environment.HOME ?? homedir() });
  const examples = rules.reduce((sum, rule) => sum + rule.examples.match.length + rule.examples.notMatch.length, 0);
  const lines = [
    `${printable(path)}: ${rules.length} rules, ${examples} examples, all as they should be.`,
    ...warnings.map((warning) => paint("33", printable(warning))),
  ];
  return { json: { file: path, rules: rules.length, examples, warnings }, text: lines.join("\n") };
}

/** A file that is still to be put in its place may belong to anybody. */
function draftAt(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new PaddockError("path_not_found", `${path} cannot be read (${code}).`);
  }
}
