import { isWorth } from "@paddock/contract";
import { allowingCommands, allowsBesidesPrograms, speaks } from "./condition.ts";
import type { Assurance, Moment, Request, Verdict } from "./request.ts";
import type { Decision, Rule } from "./rule.ts";

/**
 * Decides whether a request may run. The only place that decides it.
 *
 * Pure: rules, a request and a moment in, a decision out, so every decision can be replayed from the audit log.
 * Strength: deny beats ask beats allow, whichever rule came first. What no rule speaks about is asked about. A built-in rule
 * that yields falls: one that asks to an owner's allow, one that denies to an owner's rule that says override.
 */
export function decide(rules: readonly Rule[], request: Request, moment: Moment): Decision {
  const allows = allowing(rules, request, moment);
  const speaking: Rule[] = [];
  for (const rule of rules) {
    const counted =
      rule.verdict === "allow" && !rule.builtin ? allows.has(rule) && rule : asItSpeaks(rule, request, moment);
    if (counted) speaking.push(counted);
  }
  const because = speaking.filter((rule) => rule.builtin !== "yields" || !falls(rule, speaking));
  if (because.length > 1) because.sort(byStrength);
  return { verdict: because[0]?.verdict ?? "ask", because, assurance: strictest(because) };
}

/** An owner's rule that may speak comes to a question. Where a built-in one only may, another one asks already. */
function asItSpeaks(rule: Rule, request: Request, moment: Moment): Rule | null {
  const certainty = speaks(rule, request, moment);
  if (certainty === "yes") return rule;
  if (certainty === "no" || rule.verdict === "allow" || rule.builtin) return null;
  return {
    ...rule,
    verdict: "ask",
    override: false,
    reason: `It cannot be told whether this holds here: ${rule.reason}`,
  };
}

/** The owner's rules that allow the request as a whole. */
function allowing(rules: readonly Rule[], request: Request, moment: Moment): ReadonlySet<Rule> {
  const found = rules.filter(
    (rule) => rule.verdict === "allow" && !rule.builtin && allowsBesidesPrograms(rule, request, moment),
  );
  if (found.length === 0) return none;
  const whole = found.filter(({ when }) => !when.programs);
  return new Set([...whole, ...allowingCommands(found, request)]);
}

const none: ReadonlySet<Rule> = new Set();

function falls({ verdict }: Rule, speaking: readonly Rule[]): boolean {
  if (verdict === "ask") return speaking.some((other) => other.verdict === "allow" && !other.builtin);
  return verdict === "deny" && speaking.some((other) => other.override && !other.builtin && other.verdict !== "deny");
}

const strength = { deny: 2, ask: 1, allow: 0 } as const satisfies Record<Verdict, number>;
const byStrength = (a: Rule, b: Rule): number => strength[b.verdict] - strength[a.verdict];

function strictest(rules: readonly Rule[]): Assurance {
  let result: Assurance = "hub";
  for (const { verdict, assurance = "hub" } of rules) {
    if (verdict === "ask" && !isWorth(result, assurance)) result = assurance;
  }
  return result;
}
