/** Adds a rule of the owner, and says what it does. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { bold, printable, type Shown } from "../shown.ts";
import { draftOf, type Verdict } from "./draft.ts";
import { aboutWords, type ShownRule } from "./rule-words.ts";

interface Added {
  rule: ShownRule;
  warnings: string[];
}

export async function addRule(verdict: Verdict, context: CommandContext): Promise<Shown> {
  const { runnerControl: socket } = context.places;
  const body = draftOf(verdict, context);
  const added = await control<Added>({ socket, method: "POST", path: "/policy/rules", body });
  const { rule, warnings } = added;
  const about = warnings.filter((warning) => warning.includes(`Rule ${rule.id} `));
  const lines = [
    `${bold(rule.id)}: ${verdict} ${aboutWords(rule)}`,
    ...(verdict === "allow" && !saysMore(rule) ? [contained] : []),
    ...(verdict === "allow" ? [] : [stricter]),
    ...about.map(printable),
  ];
  return { json: added, text: lines.join("\n") };
}

const saysMore = ({ when, override }: ShownRule): boolean =>
  when.wishes !== undefined || when.paths !== undefined || override === true;

const contained =
  "What stays in its cage runs without asking anyway. To allow more, say --uncaged, --network HOST, --any-host, or --beyond with --path.";
const stricter = "Shells and processes that ran under the former rules were ended.";
