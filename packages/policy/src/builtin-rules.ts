/** The rules of every installation. What they do not speak about is asked about. */
import type { Rule } from "./rule.ts";

export const builtinRules: readonly Rule[] = [
  {
    id: "contained",
    verdict: "allow",
    when: { contained: true },
    reason: "Work inside the cage can touch nothing but the workspace, so it runs without asking.",
  },
  {
    id: "readonly-profile",
    verdict: "deny",
    when: { profiles: ["readonly"], effects: ["adds", "changes", "reaches"] },
    reason: "The profile in force is readonly.",
  },
  {
    id: "network",
    verdict: "ask",
    when: { wishes: ["network"] },
    assurance: "local",
    reason: "The call wants to reach the network.",
  },
  {
    id: "no-cage",
    verdict: "ask",
    when: { wishes: ["no_cage"] },
    assurance: "local",
    reason: "The call wants to run outside of the cage, with the rights of your own account.",
  },
  {
    id: "beyond-roots",
    verdict: "ask",
    when: { wishes: ["beyond"] },
    assurance: "local",
    reason: "The call wants paths outside of the workspace.",
  },
];
