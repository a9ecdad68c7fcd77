/** The owner's rules, as routes of the control socket. */
import { builtinRules, type Rule } from "@paddock/policy";
import * as z from "zod";
import type { Explain } from "../gate/explain.ts";
import type { Rules } from "../rules/rules.ts";
import { parse, type Route } from "./server.ts";

export interface PolicyRouteParts {
  explain: Explain;
  rules: Rules;
}

const explainBody = z.object({
  tool: z.string(),
  input: z.record(z.string(), z.unknown()),
  workspace: z.string().optional(),
});
const ruleBody = z.record(z.string(), z.unknown());

export const policyRoutes = ({ explain, rules }: PolicyRouteParts): Route[] => [
  {
    method: "POST",
    path: /^\/policy\/explain$/,
    free: () => true,
    answer: ({ body }) => explain(parse(explainBody, body)),
  },
  {
    method: "GET",
    path: /^\/policy\/rules$/,
    answer: () => {
      rules.refresh();
      const { file, fault, warnings, rules: own } = rules.state;
      return { file, fault, warnings, rules: own.map(shown), builtin: builtinRules.map(shown) };
    },
  },
  {
    method: "POST",
    path: /^\/policy\/rules$/,
    answer: ({ body }) => {
      const rule = rules.addRule(parse(ruleBody, body));
      return { rule: shown(rule), warnings: rules.state.warnings };
    },
  },
  {
    method: "DELETE",
    path: /^\/policy\/rules\/([^/]+)$/,
    answer: ({ parts: [id = ""] }) => shown(rules.removeRule(id)),
  },
];

const shown = ({ id, verdict, when, assurance, override, reason }: Rule) => ({
  id,
  verdict,
  reason,
  when,
  ...(assurance ? { assurance } : {}),
  ...(override ? { override } : {}),
});
