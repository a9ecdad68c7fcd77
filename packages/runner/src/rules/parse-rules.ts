/** Reads the text of a rule file: its rules, all checked, or the first thing that is wrong with it and where. */
import { PaddockError } from "@paddock/contract";
import { builtinRules, type FailedExample, shadowedRules } from "@paddock/policy";
import { parse, TomlError } from "smol-toml";
import * as z from "zod";
import { failedExamples } from "../gate/shell-text.ts";
import { type OwnerRule, ruleOf, ruleSchema } from "./rule-schema.ts";

export interface ParsedRules {
  rules: readonly OwnerRule[];
  /** Rules that can never count, in words. */
  warnings: readonly string[];
}

export interface RuleText {
  text: string;
  /** For messages. */
  path: string;
  ownerHome: string;
}

const maxRules = 500;
const fileSchema = z.strictObject({
  rule: z.array(z.unknown()).max(maxRules, `holds more than ${maxRules} rules`).default([]),
});

/** Throws invalid_config with file, line, rule and what to do. */
export function parseRules(source: RuleText): ParsedRules {
  const lines = headerLines(source.text);
  const written = tablesOf(source);
  const rules = written.map((table, index) => {
    const line = lines.length === written.length ? (lines[index] ?? 0) + 1 : null;
    return ruleAt(table, line, source);
  });
  const double = rules.find(({ id }, index) => rules.findIndex((other) => other.id === id) !== index);
  if (double) throw invalid(source, null, `two rules have the id ${double.id}`);
  const taken = rules.find(({ id }) => builtinRules.some((other) => other.id === id));
  if (taken) throw invalid(source, null, `${taken.id} is the id of a built-in rule`);
  const warnings = shadowedRules([...rules, ...builtinRules]).map(
    ({ rule, by }) => `Rule ${rule.id} (${rule.verdict}) never counts: ${by.id} denies all that it speaks about.`,
  );
  return { rules, warnings };
}

/** Lines, from 0, on which a rule begins. */
export function headerLines(text: string): number[] {
  return text.split("\n").flatMap((line, index) => (/^\s*\[\[\s*rule\s*\]\]\s*(#.*)?$/.test(line) ? [index] : []));
}

function tablesOf(source: RuleText): unknown[] {
  let value: unknown;
  try {
    value = parse(source.text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split("\n")[0]?.replace("Invalid TOML document: ", "") ?? "";
    throw invalid(source, error.line, `this is not TOML: ${reason}`);
  }
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) return parsed.data.rule;
  const [issue] = parsed.error.issues;
  const unknown =
    issue?.code === "unrecognized_keys" ? `there is no ${issue.keys.join(", ")} in a rule file` : undefined;
  throw invalid(source, null, unknown ?? issue?.message ?? "this is no list of rules");
}

function ruleAt(table: unknown, line: number | null, source: RuleText): OwnerRule {
  const parsed = ruleSchema.safeParse(table);
  const id = (table as { id?: unknown } | null)?.id;
  const name = typeof id === "string" ? `rule ${JSON.stringify(id.slice(0, 64))}` : "a rule without id";
  if (!parsed.success) {
    const said = parsed.error.issues.slice(0, 3).map(issueWords);
    throw invalid(source, line, `${name}: ${said.join("; ")}`);
  }
  const rule = ruleOf(parsed.data, source.ownerHome);
  const [failed] = failedExamples(rule, rule.examples);
  if (failed) throw invalid(source, line, `${name}: ${exampleWords(failed)}`);
  return rule;
}

function issueWords(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys")
    return `there is no ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}`;
  return `${issue.path.map(String).join(".") || "it"}: ${issue.message}`;
}

const exampleWords = ({ example, expected, outcome }: FailedExample): string =>
  `its ${expected} example ${JSON.stringify(example).slice(0, 200)} fails: ${outcome}`;

export function invalid({ path }: Pick<RuleText, "path">, line: number | null, what: string): PaddockError {
  const place = line === null ? path : `${path}, line ${line}`;
  return new PaddockError(
    "invalid_config",
    `${place}: ${what}.`,
    "Correct it, and look at it with `paddock policy check`. Until then the rules of before stay in force.",
  );
}
