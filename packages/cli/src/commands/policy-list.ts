/** The rules in force. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { aboutWords, isOver, type RuleList, type ShownRule } from "../policy/rule-words.ts";
import { paint, printable, type Shown, table } from "../shown.ts";

export async function run({ places, options }: CommandContext): Promise<Shown> {
  const list = await control<RuleList>({ socket: places.runnerControl, path: "/policy/rules" });
  const { file, fault, warnings, rules, builtin } = list;
  const shown = options.all === true ? [...rules, ...builtin] : rules;
  const lines = [
    ...(fault === null ? [] : [paint("31", `Not read: ${printable(fault)}`), "The rules of before are in force:"]),
    shown.length === 0 ? "You have no rules of your own; --all shows the built-in ones." : table(head, shown.map(row)),
    ...warnings.map((warning) => paint("33", printable(warning))),
    `They are kept in ${printable(file)}`,
  ];
  return { json: list, text: lines.join("\n"), exitCode: fault === null ? 0 : 1 };
}

const head = ["RULE", "SAYS", "ABOUT", "REASON"];

const row = (rule: ShownRule): string[] => {
  const says = rule.assurance ? `${rule.verdict} (${rule.assurance})` : rule.verdict;
  return [rule.id, isOver(rule) ? `${rule.verdict}, over` : says, aboutWords(rule), rule.reason];
};
