import type { Assurance, Request, Verdict } from "./request.ts";
import type { Condition, Decision, Rule, Wish } from "./rule.ts";

/**
 * Decides whether a request may run. The only place that decides it.
 *
 * Pure: rules and a request in, a decision out, so every decision can be replayed from the audit log.
 * Strength: deny beats ask beats allow, whichever rule came first. What no rule speaks about is asked about.
 */
export function decide(rules: readonly Rule[], request: Request): Decision {
  const because = rules.filter((rule) => applies(rule.when, request));
  if (because.length > 1) because.sort(byStrength);
  return { verdict: because[0]?.verdict ?? "ask", because, assurance: strictest(because) };
}

/** The wishes of a request beyond its cage. */
export function wishesOf({ wants }: Request): readonly Wish[] {
  const wishes: Wish[] = [];
  if (wants.network) wishes.push("network");
  if (wants.noCage) wishes.push("no_cage");
  if (wants.beyond !== undefined && wants.beyond.length > 0) wishes.push("beyond");
  return wishes;
}

function applies(when: Condition, request: Request): boolean {
  if (when.tools && !when.tools.includes(request.tool)) return false;
  if (when.effects && !when.effects.includes(request.effect)) return false;
  if (when.profiles && !when.profiles.includes(request.profile)) return false;
  if (when.contained && wishesOf(request).length > 0) return false;
  if (when.wishes && !wishesOf(request).some((wish) => when.wishes?.includes(wish))) return false;
  return !when.paths || touches(when.paths, request);
}

function touches(prefixes: readonly string[], { wants }: Request): boolean {
  const paths = [...(wants.paths ?? []), ...(wants.beyond ?? [])];
  return paths.some(({ path }) => prefixes.some((prefix) => isBelow(path, prefix)));
}

const isBelow = (path: string, prefix: string): boolean =>
  prefix === "/" || path === prefix || path.startsWith(`${prefix}/`);

const strength = { deny: 2, ask: 1, allow: 0 } as const satisfies Record<Verdict, number>;
const byStrength = (a: Rule, b: Rule): number => strength[b.verdict] - strength[a.verdict];

const worth = { hub: 0, device: 1, local: 2 } as const satisfies Record<Assurance, number>;

function strictest(rules: readonly Rule[]): Assurance {
  let result: Assurance = "hub";
  for (const { verdict, assurance = "hub" } of rules) {
    if (verdict === "ask" && worth[assurance] > worth[result]) result = assurance;
  }
  return result;
}
