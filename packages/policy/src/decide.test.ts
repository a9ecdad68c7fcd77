import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinRules } from "./builtin-rules.ts";
import { decide } from "./decide.ts";
import type { Moment, Request } from "./request.ts";
import type { Rule } from "./rule.ts";

const at: Moment = { now: 1_000, latest: 1_000, minute: 600 };

const request = (change: Partial<Request> = {}): Request => ({
  tool: "run_command",
  effect: "executes",
  profile: "workspace",
  principal: "tok_1",
  caller: "laptop",
  surface: "mcp",
  machine: "desk",
  workspace: "/home/o/paddock",
  wants: {},
  ...change,
});

const file = (path: string, change: Partial<Request> = {}): Request =>
  request({ tool: "read_text_file", effect: "reads", wants: { paths: [{ path, access: "read" }] }, ...change });

const outcome = (rules: readonly Rule[], asked: Request, moment: Moment = at) => {
  const { verdict, because, assurance } = decide(rules, asked, moment);
  return { verdict, rules: because.map(({ id }) => id), assurance };
};

const rule = (verdict: Rule["verdict"], when: Rule["when"], more: Partial<Rule> = {}): Rule => ({
  id: verdict,
  verdict,
  when,
  reason: "because",
  ...more,
});

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
    assert.deepEqual(outcome(builtinRules, request({ wants })), { verdict: "ask", rules, assurance: "device" });
  }
});

test("the readonly profile denies whatever changes something, and lets contained commands run", () => {
  for (const effect of ["adds", "changes", "reaches"] as const) {
    assert.equal(decide(builtinRules, request({ profile: "readonly", effect }), at).verdict, "deny");
  }
  for (const effect of ["reads", "executes"] as const) {
    assert.equal(decide(builtinRules, request({ profile: "readonly", effect }), at).verdict, "allow");
  }
});

test("deny beats ask beats allow, whichever rule came first", () => {
  const all = [rule("allow", {}), rule("ask", {}), rule("deny", {})];
  for (const rules of [all, all.toReversed()]) {
    assert.deepEqual(outcome(rules, request()).rules, ["deny", "ask", "allow"]);
  }
});

test("what no rule speaks about is asked about", () => {
  assert.deepEqual(outcome([], request()), { verdict: "ask", rules: [], assurance: "hub" });
});

test("a path rule holds for the path itself and what is below it, not for a name that begins alike", () => {
  const rules = [rule("deny", { paths: ["/w/keep"] })];
  const verdict = (path: string) => outcome(rules, file(path)).verdict;
  assert.deepEqual(["/w/keep", "/w/keep/a", "/w/keeper"].map(verdict), ["deny", "deny", "ask"]);
});

test("a path rule holds for where a link leads, and a call on a folder that contains its place is asked about", () => {
  const rules = [...builtinRules, rule("deny", { paths: ["/w/keep"] })];
  const link = file("/w/link", { wants: { paths: [{ path: "/w/link", real: "/w/keep/a", access: "read" }] } });
  assert.deepEqual(outcome(rules, link).rules, ["deny"].concat("contained"));
  assert.equal(outcome(rules, file("/w", { tool: "grep" })).verdict, "ask");
  assert.equal(outcome(rules, file("/w", { tool: "list_directory" })).verdict, "allow");
});

test("what is closed is denied, whatever the owner's rules say", () => {
  const everything = rule("allow", { paths: ["/"] }, { override: true });
  const { verdict, rules } = outcome([...builtinRules, everything], file("/home/o/.netrc", { closed: true }));
  assert.deepEqual([verdict, rules[0]], ["deny", "closed"]);
});

test("a file that may hold secrets is asked about, unless an owner's rule names its path", () => {
  const asked = file("/home/o/paddock/.env");
  assert.deepEqual(outcome(builtinRules, asked), {
    verdict: "ask",
    rules: ["secret-file", "contained"],
    assurance: "hub",
  });
  assert.equal(outcome([...builtinRules, rule("allow", { tools: ["read_text_file"] })], asked).verdict, "ask");
  assert.equal(outcome([...builtinRules, rule("allow", { paths: ["/home/o/paddock/.env"] })], asked).verdict, "allow");
  assert.equal(outcome(builtinRules, file("/home/o/paddock/.env.example")).verdict, "allow");
});

test("an owner's rule allows only wishes that it names, each of them", () => {
  const network = [...builtinRules, rule("allow", { wishes: ["network"] })];
  assert.equal(outcome(network, request({ wants: { network: true } })).verdict, "allow");
  assert.equal(outcome(network, request({ wants: { network: true, noCage: true } })).verdict, "ask");
  assert.equal(outcome([...builtinRules, rule("allow", {})], request({ wants: { network: true } })).verdict, "ask");
});

test("every path beyond the roots has to be allowed", () => {
  const rules = [...builtinRules, rule("allow", { wishes: ["beyond"], paths: ["/srv/data"] })];
  const wants = (...paths: string[]) => ({
    wants: { beyond: paths.map((path) => ({ path, access: "read" as const })) },
  });
  assert.equal(outcome(rules, request(wants("/srv/data/a"))).verdict, "allow");
  assert.equal(outcome(rules, request(wants("/srv/data/a", "/srv/other"))).verdict, "ask");
});

test("a caller's own wish to be asked is not overridden", () => {
  const rules = [
    ...builtinRules,
    rule("allow", {}, { override: true }),
    rule("allow", { wishes: ["network"] }, { id: "net" }),
  ];
  assert.deepEqual(outcome(rules, request({ wants: { confirm: true } })).verdict, "ask");
  assert.deepEqual(outcome(rules, request({ wants: { confirm: true, network: true } })).verdict, "ask");
});

test("a built-in deny falls only to an owner's rule that says override, and the owner's own deny to none", () => {
  const wants = { noCage: true, command: "mkfs.ext4 /dev/sdz" };
  const list = [
    {
      program: "mkfs.ext4",
      args: ["/dev/sdz"],
      through: [],
      kind: "program" as const,
      text: wants.command,
      leadsTo: ["/usr/sbin/mkfs.ext4"],
      writable: false,
    },
  ];
  const asked = request({ wants, commands: { list, unresolved: [], redirects: [] } });
  const allow = rule("allow", { wishes: ["no_cage"], programs: [{ name: "mkfs.*", args: [] }] });
  assert.deepEqual(outcome(builtinRules, asked).rules[0], "disks-and-power");
  assert.equal(outcome([...builtinRules, allow], asked).verdict, "deny");
  const overriding = { ...allow, override: true };
  assert.equal(outcome([...builtinRules, overriding], asked).verdict, "allow");
  assert.equal(outcome([...builtinRules, overriding, rule("deny", { wishes: ["no_cage"] })], asked).verdict, "deny");
});

test("rules are limited by caller, machine, directory and tool", () => {
  const speaks = (when: Rule["when"]) => outcome([rule("deny", when)], request({ cwd: "/w/a" })).verdict === "deny";
  assert.deepEqual(
    [
      [{ callers: ["laptop"] }, { callers: ["tok_1"] }, { callers: ["phone"] }],
      [{ machines: ["desk"] }, { machines: ["server"] }],
      [{ cwd: ["/w"] }, { cwd: ["/x"] }],
      [{ tools: ["run_command"] }, { tools: ["git_push"] }],
    ].map((row) => row.map(speaks)),
    [
      [true, true, false],
      [true, false],
      [true, false],
      [true, false],
    ],
  );
});

test("a rule on bridged servers speaks about a server or one of its tools", () => {
  const speaks = (servers: string[], wants: Request["wants"]) =>
    outcome([rule("deny", { servers })], request({ tool: "mcp_call", effect: "reaches", wants })).verdict === "deny";
  const called = { server: "github", serverTool: "delete_repo" };
  assert.deepEqual(
    [["github"], ["git*"], ["github/delete_*"], ["*"], ["github/list_*"], ["gitlab"]].map((one) => speaks(one, called)),
    [true, true, true, true, false, false],
  );
  assert.equal(speaks(["*"], {}), false);
});

test("a network rule speaks about the hosts it names, and is in doubt where none is known", () => {
  const verdict = (hosts: string[] | undefined, pattern: string) =>
    outcome([rule("deny", { network: [pattern] })], request({ wants: { network: true, ...(hosts ? { hosts } : {}) } }));
  const cases = [
    [["example.org"], "example.org", "deny"],
    [["EXAMPLE.org."], "example.org", "deny"],
    [["a.example.org:443"], "*.example.org", "deny"],
    [["example.org"], "*.example.org", "ask"],
    [["badexample.org"], "*.example.org", "ask"],
    [["example.org:80"], "example.org:443", "ask"],
    [["[2001:db8::1]:443"], "2001:db8::1", "deny"],
    [undefined, "example.org", "ask"],
  ] as const;
  for (const [hosts, pattern, expected] of cases) {
    assert.equal(verdict(hosts ? [...hosts] : undefined, pattern).verdict, expected, `${hosts} ${pattern}`);
  }
  assert.deepEqual(verdict(undefined, "example.org").rules, ["deny"]);
  assert.deepEqual(verdict(["other.org"], "example.org").rules, []);
});

test("a rule ends with its time; what was allowed stays over when the clock is set back", () => {
  const over = { ...at, latest: 2_000 };
  assert.equal(outcome([rule("allow", { until: 1_500 })], request(), at).verdict, "allow");
  assert.equal(outcome([rule("allow", { until: 1_500 })], request(), over).verdict, "ask");
  assert.equal(outcome([rule("deny", { until: 1_500 })], request(), over).verdict, "deny");
});

test("hours are those of the machine, also over midnight", () => {
  const speaks = (from: number, to: number, minute: number) =>
    outcome([rule("deny", { hours: { from, to } })], request(), { ...at, minute }).verdict === "deny";
  assert.deepEqual([speaks(540, 1080, 600), speaks(540, 1080, 1080), speaks(1320, 360, 30)], [true, false, true]);
  assert.equal(speaks(1320, 360, 600), false);
});
