import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinRules } from "./builtin-rules.ts";
import { decide } from "./decide.ts";
import type { Request } from "./request.ts";
import type { Rule } from "./rule.ts";

const request = (change: Partial<Request> = {}): Request => ({
  tool: "run_command",
  effect: "executes",
  profile: "workspace",
  principal: "tok_1",
  surface: "mcp",
  workspace: "/home/o/paddock",
  wants: {},
  ...change,
});

const outcome = (rules: readonly Rule[], asked: Request) => {
  const { verdict, because, assurance } = decide(rules, asked);
  return { verdict, rules: because.map(({ id }) => id), assurance };
};

test("contained work is allowed without asking", () => {
  assert.deepEqual(outcome(builtinRules, request()), { verdict: "allow", rules: ["contained"], assurance: "hub" });
});

test("each wish beyond the cage is asked about, and the answer has to be given on the machine", () => {
  const cases = [
    [{ network: true }, ["network"]],
    [{ noCage: true }, ["no-cage"]],
    [{ beyond: [{ path: "/etc/hosts", access: "read" as const }] }, ["beyond-roots"]],
    [{ network: true, noCage: true }, ["network", "no-cage"]],
  ] as const;
  for (const [wants, rules] of cases) {
    assert.deepEqual(outcome(builtinRules, request({ wants })), { verdict: "ask", rules, assurance: "local" });
  }
});

test("the readonly profile denies whatever changes something, and lets contained commands run", () => {
  for (const effect of ["adds", "changes", "reaches"] as const) {
    assert.equal(decide(builtinRules, request({ profile: "readonly", effect })).verdict, "deny");
  }
  for (const effect of ["reads", "executes"] as const) {
    assert.equal(decide(builtinRules, request({ profile: "readonly", effect })).verdict, "allow");
  }
});

test("deny beats ask beats allow, whichever rule came first", () => {
  const rule = (id: string, verdict: Rule["verdict"]): Rule => ({ id, verdict, when: {}, reason: id });
  const all = [rule("a", "allow"), rule("b", "ask"), rule("c", "deny")];
  for (const rules of [all, all.toReversed()]) {
    assert.deepEqual(outcome(rules, request()).rules, ["c", "b", "a"]);
  }
});

test("what no rule speaks about is asked about", () => {
  assert.deepEqual(outcome([], request()), { verdict: "ask", rules: [], assurance: "hub" });
});

test("a path rule holds for the path itself and what is below it, not for a name that begins alike", () => {
  const rules: Rule[] = [{ id: "keep", verdict: "deny", when: { paths: ["/w/keep"] }, reason: "keep" }];
  const verdict = (path: string) => decide(rules, request({ wants: { paths: [{ path, access: "write" }] } })).verdict;
  assert.deepEqual(["/w/keep", "/w/keep/a", "/w/keeper", "/w"].map(verdict), ["deny", "deny", "ask", "ask"]);
});
