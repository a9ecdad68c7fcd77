/** Takes a rule of the owner away: by its id, or by the command it is about; where that leaves several, it asks which. */
import { createInterface } from "node:readline/promises";
import { PaddockError } from "@paddock/contract";
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { aboutWords, type RuleList, type ShownRule } from "../policy/rule-words.ts";
import { bold, type Shown } from "../shown.ts";

export async function run({ places, args }: CommandContext): Promise<Shown> {
  const socket = places.runnerControl;
  const { rules } = await control<RuleList>({ socket, path: "/policy/rules" });
  const rule = await chosen(
    rules.filter((one) => isMeant(one, args)),
    args,
  );
  const path = `/policy/rules/${encodeURIComponent(rule.id)}`;
  const removed = await control<ShownRule>({ socket, method: "DELETE", path });
  return { json: removed, text: `Removed ${bold(removed.id)}: ${removed.verdict} ${aboutWords(removed)}` };
}

/** Without words every rule is meant. */
function isMeant({ id, when }: ShownRule, words: readonly string[]): boolean {
  if (words.length === 0 || (words.length === 1 && words[0] === id)) return true;
  const wanted = words.join(" ");
  return when.programs?.some(({ name, args }) => [name, ...args].join(" ") === wanted) === true;
}

async function chosen(rules: readonly ShownRule[], words: readonly string[]): Promise<ShownRule> {
  const [only] = rules;
  const said = words.join(" ");
  if (!only) {
    throw new PaddockError(
      "not_found",
      `No rule of yours is about ${JSON.stringify(said)}.`,
      "`paddock policy list` shows them.",
    );
  }
  if (rules.length === 1 && words.length > 0) return only;
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) throw ambiguous(rules);
  const lines = rules.map((rule, index) => `  ${index + 1}  ${rule.id}: ${rule.verdict} ${aboutWords(rule)}\n`);
  process.stderr.write(lines.join(""));
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = (await terminal.question("Which one? (number, nothing for none) ")).trim();
    const rule = /^\d+$/.test(answer) ? rules[Number(answer) - 1] : undefined;
    if (rule) return rule;
  } finally {
    terminal.close();
  }
  throw new PaddockError(
    "invalid_input",
    "No rule was chosen; nothing has changed.",
    "Run it again with the rule's id.",
  );
}

const ambiguous = (rules: readonly ShownRule[]): PaddockError =>
  new PaddockError(
    "invalid_input",
    `Several rules are meant: ${rules.map(({ id }) => id).join(", ")}.`,
    "Name one by its id: paddock policy remove ID",
  );
