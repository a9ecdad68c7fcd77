/** Adds a rule to the text of a rule file, or takes one out, and leaves all else as the owner has written it. */
import { PaddockError } from "@paddock/contract";
import { builtinRules } from "@paddock/policy";
import { stringify } from "smol-toml";
import { headerLines, parseRules, type RuleText } from "./parse-rules.ts";
import type { OwnerRule } from "./rule-schema.ts";

/** A rule in the words of the file: `program`, `args`, `paths` and so on. One without an id is given one. */
export type RuleDraft = Readonly<Record<string, unknown>>;

/** The text with one more rule. Throws invalid_input when the rule is none. */
export function withRule(source: RuleText, draft: RuleDraft): { text: string; rule: OwnerRule } {
  const before = parseRules(source).rules;
  const gap = source.text === "" || source.text.endsWith("\n\n") ? "" : source.text.endsWith("\n") ? "\n" : "\n\n";
  const text = `${source.text}${gap}${ruleText({ id: draft.id ?? idFor(draft, before), ...draft })}`;
  const rule = addedBy(before, () => parseRules({ ...source, text }).rules);
  return { text, rule };
}

export const ruleText = (draft: RuleDraft): string => `[[rule]]\n${stringify(withDate(draft))}`;

/** Says what the rule is about, and is not taken. */
function idFor(
  { verdict, program, args, paths, tools, network, server }: RuleDraft,
  taken: readonly OwnerRule[],
): string {
  const words = [verdict, program, args, program ? undefined : (tools ?? server ?? network ?? paths)]
    .flat()
    .filter(Boolean);
  const slug = words
    .join("-")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-");
  const name =
    slug
      .replaceAll(/^-+|-+$/g, "")
      .slice(0, 56)
      .replace(/-$/, "") || "rule";
  const isFree = (id: string) => ![...taken, ...builtinRules].some((rule) => rule.id === id);
  let id = name;
  for (let count = 2; !isFree(id); count += 1) id = `${name}-${count}`;
  return id;
}

const withDate = ({ until, ...rest }: RuleDraft): Record<string, unknown> =>
  until === undefined ? { ...rest } : { ...rest, until: new Date(String(until)) };

function addedBy(before: readonly OwnerRule[], read: () => readonly OwnerRule[]): OwnerRule {
  let after: readonly OwnerRule[];
  try {
    after = read();
  } catch (error) {
    if (!(error instanceof PaddockError)) throw error;
    throw new PaddockError(
      "invalid_input",
      error.message.replace(/^.*?(?=(a )?rule )/, "This is no "),
      "Correct it; nothing was changed.",
    );
  }
  const added = after.at(-1);
  if (added && isSame(after.slice(0, -1), before)) return added;
  throw byHand();
}

/** The text without a rule. Its comments directly before it go too. Throws not_found. */
export function withoutRule(source: RuleText, id: string): { text: string; rule: OwnerRule } {
  const before = parseRules(source).rules;
  const at = before.findIndex((rule) => rule.id === id);
  const rule = before[at];
  if (!rule) {
    throw new PaddockError(
      "not_found",
      `There is no rule ${JSON.stringify(id)} of yours.`,
      "List them with `paddock policy list`.",
    );
  }
  const lines = source.text.split("\n");
  const headers = headerLines(source.text);
  if (headers.length !== before.length) throw byHand();
  const from = withComments(lines, headers[at] ?? 0);
  const next = headers[at + 1];
  const to = next === undefined ? lines.length : withComments(lines, next);
  const text = [...lines.slice(0, from), ...lines.slice(to)].join("\n").replace(/\n*$/, "\n").replace(/^\n$/, "");
  if (!isSame(parseRules({ ...source, text }).rules, before.toSpliced(at, 1))) throw byHand();
  return { text, rule };
}

/** The first of the comment lines that stand directly above a line. */
function withComments(lines: readonly string[], line: number): number {
  let first = line;
  while (first > 0 && lines[first - 1]?.trimStart().startsWith("#")) first -= 1;
  return first;
}

const isSame = (a: readonly OwnerRule[], b: readonly OwnerRule[]): boolean => JSON.stringify(a) === JSON.stringify(b);

const byHand = (): PaddockError =>
  new PaddockError(
    "invalid_config",
    "The rule file is written in a way that Paddock cannot change without changing other rules.",
    "Change it in an editor; it is read again by itself.",
  );
