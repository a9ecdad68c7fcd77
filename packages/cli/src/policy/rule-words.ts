/** Rules in words for people. */
import type { Condition } from "@paddock/runner/rules";
import { localTime, printable } from "../shown.ts";

export interface ShownRule {
  id: string;
  verdict: "allow" | "ask" | "deny";
  reason: string;
  when: Condition;
  assurance?: string;
  override?: boolean;
}

export interface RuleList {
  file: string;
  fault: string | null;
  warnings: string[];
  rules: ShownRule[];
  builtin: ShownRule[];
}

/** What a rule speaks about, on one line. */
export function aboutWords({ when }: ShownRule): string {
  const words = [
    when.programs?.map(({ name, args, exact }) =>
      [name, ...args, ...(exact ? ["(exactly)"] : [])].map(quoted).join(" "),
    ),
    named("", when.tools),
    named("below ", when.paths),
    named("started in ", when.cwd),
    named("to ", when.network),
    named("wishing ", when.wishes),
    named("server ", when.servers),
    named("by ", when.callers),
    named("on ", when.machines),
    named("that ", when.effects),
    named("profile ", when.profiles),
    when.secrets && ["files whose names tell of secrets"],
    when.closed && ["closed places"],
    when.contained && ["whatever stays in its cage"],
    when.hours && [`from ${clock(when.hours.from)} to ${clock(when.hours.to)}`],
    when.until !== undefined && [`until ${localTime(when.until)}`],
  ];
  const said = words.flatMap((part) => (part ? [shortList(part)] : []));
  return printable(said.length === 0 ? "everything" : said.join(", "));
}

export const isOver = ({ when }: ShownRule): boolean => when.until !== undefined && when.until <= Date.now();

const named = (before: string, list: readonly string[] | undefined) => list && [`${before}${shortList(list)}`];

const shortList = (list: readonly string[]): string =>
  list.length > 4 ? `${list.slice(0, 3).join(", ")} and ${list.length - 3} more` : list.join(", ");

const quoted = (word: string): string => (/^[\w@%+=:,./()*~-]+$/.test(word) ? word : JSON.stringify(word));

const clock = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((value) => String(value).padStart(2, "0")).join(":");
