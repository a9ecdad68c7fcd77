import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "./decide.ts";
import type { Command, Request } from "./request.ts";
import type { ProgramPattern, Rule } from "./rule.ts";
import { readScript } from "./shell/read-script.ts";

const at = { now: 0, latest: 0, minute: 0 };

const command = (program: string | null, args: Command["args"] = [], change: Partial<Command> = {}): Command => ({
  program,
  args,
  through: [],
  kind: "program",
  text: "",
  leadsTo: program === null ? [] : [program.startsWith("/") ? program : `/usr/bin/${program}`],
  writable: false,
  ...change,
});

const request = (list: readonly Command[], unresolved: { reason: string; text: string }[] = []): Request => ({
  tool: "run_command",
  effect: "executes",
  profile: "workspace",
  principal: "tok_1",
  caller: "laptop",
  surface: "mcp",
  machine: "desk",
  workspace: "/w",
  wants: { command: "text" },
  commands: { list, unresolved, redirects: [] },
});

const rule = (verdict: Rule["verdict"], ...programs: ProgramPattern[]): Rule => ({
  id: verdict,
  verdict,
  when: { programs },
  reason: "because",
});

const base: Rule = { id: "contained", verdict: "allow", when: { contained: true }, builtin: "yields", reason: "" };
const push: ProgramPattern = { name: "git", args: ["push"] };
const verdict = (rules: readonly Rule[], list: readonly Command[], doubts: { reason: string; text: string }[] = []) =>
  decide([base, ...rules], request(list, doubts), at).verdict;

test("a denied program anywhere in a line denies it, by its name, its path, and what it is a link to", () => {
  const cases = [
    [command("git", ["push"]), "deny"],
    [command("/usr/bin/git", ["push", "origin"]), "deny"],
    [command("g", ["push"], { leadsTo: ["/home/o/bin/g", "/usr/bin/git"] }), "deny"],
    [command("git", ["-C", "/other", "push"]), "deny"],
    [command("git", ["--no-pager", "-c", "a=b", "push"]), "deny"],
    [command("git", ["pull"]), "allow"],
    [command("git", ["commit", "-m", "push"]), "allow"],
    [command("gitk", ["push"]), "allow"],
  ] as const;
  for (const [one, expected] of cases) {
    assert.equal(verdict([rule("deny", push)], [command("ls"), one]), expected, JSON.stringify(one));
  }
});

test("a rule that asks or denies comes to a question where the text does not tell", () => {
  const doubt = [{ reason: "It depends.", text: "$X" }];
  for (const what of ["ask", "deny"] as const) {
    assert.equal(verdict([rule(what, push)], [command(null, [])]), "ask");
    assert.equal(verdict([rule(what, push)], [command("git", [null])]), "ask");
    assert.equal(verdict([rule(what, push)], [command("ls")], doubt), "ask");
  }
  assert.equal(verdict([rule("deny", push)], [command("git", ["push"]), command(null)], doubt), "deny");
  assert.equal(verdict([rule("deny", push)], [command("cp", [null])]), "allow");
});

test("programs are named by patterns too", () => {
  const named = (name: string, one: Command) => verdict([rule("deny", { name, args: [] })], [one]) === "deny";
  assert.deepEqual(
    [
      named("python*", command("python3.12")),
      named("/opt/*/bin/*", command("x", [], { leadsTo: ["/opt/tool/bin/x"] })),
      named("/opt/*/bin/*", command("x", [], { leadsTo: ["/opt/a/b/bin/x"] })),
      named("/opt/**", command("x", [], { leadsTo: ["/opt/a/b/bin/x"] })),
      named("a.b", command("axb")),
    ],
    [true, true, false, true, false],
  );
});

test("an allowing rule covers a line only when each command is covered for sure", () => {
  const beyond = (list: readonly Command[], doubts: { reason: string; text: string }[] = []) => {
    const network: Rule = {
      id: "network",
      verdict: "ask",
      when: { wishes: ["network"] },
      builtin: "yields",
      reason: "",
    };
    const allows = [
      { name: "npm", args: ["install"] },
      { name: "cd", args: [] },
    ].map((pattern) => ({
      ...rule("allow", pattern),
      id: pattern.name,
      when: { programs: [pattern], wishes: ["network"] as const },
    }));
    const asked = request(list, doubts);
    return decide([network, ...allows], { ...asked, wants: { ...asked.wants, network: true } }, at).verdict;
  };
  const cd = command("cd", ["x"], { kind: "builtin", leadsTo: [] });
  assert.equal(beyond([command("npm", ["install"])]), "allow");
  assert.equal(beyond([cd, command("npm", ["install", "left-pad"])]), "allow");
  assert.equal(beyond([command("npm", ["install"]), command("curl")]), "ask");
  assert.equal(beyond([command("npm", ["run", "x"])]), "ask");
  assert.equal(beyond([command("npm", ["--prefix", "x", "install"])]), "ask");
  assert.equal(beyond([command("npm", [null])]), "ask");
  assert.equal(beyond([command("npm", ["install"], { leadsTo: [] })]), "ask");
  assert.equal(beyond([command("npm", ["install"], { leadsTo: ["/w/bin/npm"], writable: true })]), "ask");
  assert.equal(beyond([command("npm", ["install"])], [{ reason: "It depends.", text: "" }]), "ask");
  assert.equal(beyond([]), "ask");
});

test("an allowing rule about programs covers no file that the shell opens for them", () => {
  const allow = {
    ...rule("allow", { name: "echo", args: [] }),
    when: { programs: [{ name: "echo", args: [] }], wishes: ["no_cage"] as const },
  };
  const verdictOf = (path: string) => {
    const asked = request([command("echo", ["hi"])]);
    const redirects = [{ path, access: "write" as const }];
    const commands = { list: [command("echo", ["hi"])], unresolved: [], redirects };
    return decide([allow], { ...asked, commands, wants: { command: "text", noCage: true } }, at).verdict;
  };
  assert.deepEqual([verdictOf("/dev/null"), verdictOf("/etc/profile")], ["allow", "ask"]);
});

test("exact arguments are all there are", () => {
  const exact: ProgramPattern = { name: "make", args: ["test"], exact: true };
  assert.equal(verdict([rule("deny", exact)], [command("make", ["test"])]), "deny");
  assert.equal(verdict([rule("deny", exact)], [command("make", ["test", "all"])]), "allow");
});

test("what is read from a text is decided on", () => {
  const { invocations, unresolved } = readScript("ls | git push origin main");
  const list = invocations.map((one) => ({ ...one, leadsTo: [`/usr/bin/${one.program}`], writable: false }));
  assert.equal(verdict([rule("deny", push)], list, [...unresolved]), "deny");
});
