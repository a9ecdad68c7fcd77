/**
 * The rules in force: the built-in ones and the owner's, read from `policy.toml` in the state folder and read again as soon
 * as it changes. A file that is not right leaves the rules of before in force, and that is said.
 */
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import { builtinRules, type Moment, type Rule } from "@paddock/policy";
import type { RulesInForce } from "../gate/prepare.ts";
import { type RuleDraft, ruleText, withoutRule, withRule } from "./edit-rules.ts";
import { type ParsedRules, parseRules } from "./parse-rules.ts";
import { readRuleFile, type Stamp, stampOf, writeRuleFile } from "./rule-file.ts";
import type { OwnerRule } from "./rule-schema.ts";

export interface RulesState {
  file: string;
  rules: readonly OwnerRule[];
  /** What is wrong with the file, while the rules of before are in force. */
  fault: string | null;
  /** Rules that can never count. */
  warnings: readonly string[];
}

export interface Rules extends RulesInForce {
  readonly state: RulesState;
  /** Adds an owner's rule, in the words of the file, and puts it in force. Throws invalid_input; nothing has changed then. */
  addRule(draft: RuleDraft): OwnerRule;
  /** What would be in force with one more rule, and its text in the file; null when the draft is no rule. */
  tryRule(draft: RuleDraft): { rules: RulesInForce; text: string } | null;
  /** Throws not_found. */
  removeRule(id: string): OwnerRule;
  /** Reads the file again when it has changed. */
  refresh(): void;
  close(): void;
}

/** By their ids; a rule that says something else now is both. */
export interface RulesChange {
  added: readonly string[];
  removed: readonly string[];
  /** Something that was allowed may not be any more. */
  tightened: boolean;
}

export interface RulesOptions {
  /** PADDOCK_HOME. */
  home: string;
  ownerHome: string;
  /** Former versions of the file. */
  backupsKept: number;
  now?: () => number;
  onChange(change: RulesChange): void;
  onFault(fault: string): void;
}

const lookEveryMs = 2_000;

/** Throws invalid_config when the file is not right at the start. */
export function openRules(options: RulesOptions): Rules {
  const { home, ownerHome, backupsKept, now = Date.now, onChange, onFault } = options;
  const file = join(home, "policy.toml");
  const moment = momentBy(now);
  const sourceOf = (text: string) => ({ text, path: file, ownerHome });
  let stamp: Stamp = stampOf(file);
  let parsed: ParsedRules = parseRules(sourceOf(readRuleFile(file) ?? ""));
  let all: readonly Rule[] = [...builtinRules, ...parsed.rules];
  let fault: string | null = null;

  const put = (next: ParsedRules) => {
    const before = parsed.rules;
    [parsed, all, fault] = [next, [...builtinRules, ...next.rules], null];
    const change = changeOf(before, next.rules);
    if (change.added.length + change.removed.length > 0) onChange(change);
  };
  const refresh = () => {
    const seen = stampOf(file);
    if (seen === stamp) return;
    stamp = seen;
    try {
      put(parseRules(sourceOf(presentText(file, parsed.rules))));
    } catch (error) {
      if (!(error instanceof PaddockError)) throw error;
      fault = error.message;
      onFault(fault);
    }
  };
  const change = (edit: (text: string) => { text: string; rule: OwnerRule }): OwnerRule => {
    const { text, rule } = edit(readRuleFile(file) ?? "");
    writeRuleFile(file, text, new Date(now()), backupsKept);
    stamp = stampOf(file);
    put(parseRules(sourceOf(text)));
    return rule;
  };
  const timer = setInterval(refresh, lookEveryMs).unref();
  return {
    get state() {
      return { file, rules: parsed.rules, fault, warnings: parsed.warnings };
    },
    inForce() {
      refresh();
      return all;
    },
    moment,
    tryRule(draft) {
      try {
        const { rule } = withRule(sourceOf(readRuleFile(file) ?? ""), draft);
        return { rules: { inForce: () => [...all, rule], moment }, text: ruleText(draft) };
      } catch (error) {
        if (error instanceof PaddockError) return null;
        throw error;
      }
    },
    addRule: (draft) => change((text) => withRule(sourceOf(text), draft)),
    removeRule: (id) => change((text) => withoutRule(sourceOf(text), id)),
    refresh,
    close: () => clearInterval(timer),
  };
}

/** An editor that saves leaves the file empty or missing for a moment: while there are rules, neither takes them away. */
function presentText(file: string, rules: readonly OwnerRule[]): string {
  const text = readRuleFile(file);
  if (text?.trim() || rules.length === 0) return text ?? "";
  throw new PaddockError(
    "invalid_config",
    `${file} is ${text === null ? "gone" : "empty"}: the ${rules.length} rules of before stay in force until the next start.`,
  );
}

function momentBy(now: () => number): () => Moment {
  let latest = 0;
  return () => {
    const time = now();
    latest = Math.max(latest, time);
    const date = new Date(time);
    return { now: time, latest, minute: date.getHours() * 60 + date.getMinutes() };
  };
}

/** Tighter is a new rule that asks or denies, or one that allowed and is gone. */
function changeOf(before: readonly OwnerRule[], after: readonly OwnerRule[]): RulesChange {
  const added = without(after, before);
  const removed = without(before, after);
  return {
    added: added.map(({ id }) => id),
    removed: removed.map(({ id }) => id),
    tightened: added.some(({ verdict }) => verdict !== "allow") || removed.some(({ verdict }) => verdict === "allow"),
  };
}

function without(rules: readonly OwnerRule[], others: readonly OwnerRule[]): OwnerRule[] {
  const known = new Set(others.map((rule) => JSON.stringify(rule)));
  return rules.filter((rule) => !known.has(JSON.stringify(rule)));
}
