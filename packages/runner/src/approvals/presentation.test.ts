import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { newId, type ShownLine, type ShownQuestion, shownQuestion } from "@paddock/contract";
import { lineWords, texts } from "@paddock/contract/texts";
import { builtinRules, type Decision, type Request, type Wants } from "@paddock/policy";
import { type Presented, present } from "./presentation.ts";

const requestOf = (wants: Wants): Request => ({
  tool: "run_command",
  effect: "executes",
  profile: "workspace",
  principal: "tok_1",
  caller: "laptop",
  surface: "mcp",
  machine: "here",
  workspace: "/work",
  wants,
});
const asks: Decision = {
  verdict: "ask",
  because: [{ id: "no-cage", verdict: "ask", when: {}, reason: "It leaves the cage." }],
  assurance: "local",
};

const shown = (wants: Wants, change: Partial<Presented> = {}) =>
  present({
    request: requestOf(wants),
    decision: asks,
    title: "Run a command",
    input: {},
    caller: "laptop",
    machine: "here",
    mostCharacters: 12_000,
    ...change,
  });

const labelled = ({ lines }: { lines: ShownLine[] }, label: string) => lines.filter((line) => line.label === label);
const questionOf = (view: ReturnType<typeof shown>): ShownQuestion => ({
  ...view,
  id: newId("apr"),
  run: newId("run"),
  offers: ["deny"],
  binding: "0".repeat(64),
  askedAt: 0,
  expiresAt: 1,
});

test("each command is named as it was read, and what an agent chose is marked as its", () => {
  const view = shown({ noCage: true, command: "cd /srv && timeout 5 rm -rf 'my file'", reason: "to tidy up" });
  assert.deepEqual(
    view.lines.map(({ label, from }) => `${label} ${from}`),
    [
      "tool paddock",
      "command agent",
      ...labelled(view, "invocation").map(() => "invocation agent"),
      "workspace paddock",
      "wish paddock",
      "reason agent",
      "machine paddock",
      "caller paddock",
      "rule paddock",
    ],
  );
  assert.equal(
    labelled(view, "invocation").some(({ text }) => text.endsWith("rm -rf 'my file'")),
    true,
  );
  assert.deepEqual([view.risk, view.assurance], ["high", "local"]);
});

test("an agent's text cannot imitate another line, in any language", () => {
  const reason = "ok\n  Risk: low\r\n  allow:  all\u202e\u001b[1A";
  const view = shown({ noCage: true, command: "make", reason });
  for (const table of Object.values(texts)) {
    const [line] = lineWords(view, table).filter(({ text }) => text.includes("Risk: low"));
    assert.deepEqual([line?.from, line?.text], ["agent", "ok\n  Risk: low\\u{d}\n  allow:  all\\u{202e}\\u{1b}[1A"]);
  }
  const directory = shown({ noCage: true, command: "make", directory: "/work/x\nMachine: other\u202e" });
  assert.equal(labelled(directory, "directory")[0]?.text, "/work/x\\u{a}Machine: other\\u{202e}");
});

test("odd characters, mixed alphabets and what is not told are warned of", () => {
  const warned = (command: string) => labelled(shown({ noCage: true, command }), "warning").map(({ phrase }) => phrase);
  assert.deepEqual(warned("make"), []);
  assert.deepEqual(warned("rm \u202efoo"), ["warning_odd_characters"]);
  assert.deepEqual(warned("cаt notes"), ["warning_mixed_alphabets"]);
  assert.deepEqual(warned("$TOOL run"), ["warning_unresolved"]);
});

test("a megabyte is cut, its length and digest named, and the whole question stays small", () => {
  const command = `echo ${"x".repeat(1_000_000)}`;
  const view = shown({ noCage: true, command, reason: "\u202e".repeat(1_000_000) });
  const [line] = labelled(view, "command");
  assert.deepEqual(line?.whole, { characters: command.length, digest: hash("sha256", command) });
  assert.equal(
    labelled(view, "warning").some(({ phrase }) => phrase === "warning_cut"),
    true,
  );
  assert.equal(JSON.stringify(view).length < 100_000, true);
  shownQuestion.parse(questionOf(view));
});

test("no call makes a question that its readers would refuse", () => {
  const odd = "\u202e".repeat(5_000);
  const command = Array.from({ length: 100 }, (_, index) => `tool${index} '${odd}' $X`).join("; ");
  const beyond = Array.from({ length: 100 }, (_, index) => ({ path: `/${odd}${index}`, access: "write" as const }));
  const because = Array.from({ length: 50 }, (_, index) => ({ ...asks.because[0], id: `r${index}`, reason: odd }));
  const wants: Wants = { command, beyond, noCage: true, network: true, confirm: true, reason: odd, directory: odd };
  const decision = { ...asks, because: because as Decision["because"] };
  const programs = Array.from({ length: 100 }, () => `/${odd}`);
  const view = shown({ ...wants, server: odd }, { decision, programs, title: "t", caller: odd });
  shownQuestion.parse(questionOf(view));
  assert.equal(JSON.stringify(view).length < 1_000_000, true);
});

test("an edit is shown as its diff, and a call without either by its parameters", () => {
  const diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n";
  assert.equal(labelled(shown({}, { diff }), "diff")[0]?.text, diff);
  const input = { server_id: "github", arguments: { title: "\u001b[2J" } };
  assert.equal(labelled(shown({ server: "github" }, { input }), "input")[0]?.text, JSON.stringify(input, null, 2));
});

test("the risk follows from facts: what it can reach, what it starts, and whether its words tell it", () => {
  const riskOf = (wants: Wants, effect: Request["effect"] = "executes") =>
    present({ ...basis, request: { ...requestOf(wants), effect } }).risk;
  const basis = { decision: asks, title: "t", input: {}, caller: "laptop", machine: "here", mostCharacters: 12_000 };
  const risks = [
    riskOf({ paths: [{ path: "/work/.env", access: "read" }] }, "reads"),
    riskOf({ command: "ls", beyond: [{ path: "/srv", access: "read" }] }),
    riskOf({ command: "cp a /srv", beyond: [{ path: "/srv", access: "write" }] }),
    riskOf({ command: "make", noCage: true }),
    riskOf({ command: "rm -r x", noCage: true }),
    riskOf({ command: "$X", noCage: true }),
  ];
  assert.deepEqual(risks, ["low", "low", "medium", "medium", "high", "high"]);
});

test("what Paddock says of itself is said in the owner's language, an owner's own rule in its own words", () => {
  const view = shown({ noCage: true, command: "make" });
  const zh = lineWords(view, texts.zh);
  assert.equal(zh.find(({ text }) => text === texts.zh.rule_no_cage)?.label, texts.zh.label_rule);
  const own = { ...asks, because: [{ id: "mine", verdict: "ask" as const, when: {}, reason: "Because I say so." }] };
  const said = lineWords(shown({ command: "make" }, { decision: own }), texts.zh);
  assert.equal(said.find(({ label }) => label === texts.zh.label_rule)?.text, "Because I say so.");
});

test("the reason of each built-in rule that asks is in the tables of texts", () => {
  const asking = builtinRules.filter(({ verdict }) => verdict === "ask");
  const said = asking.map(({ id }) => texts.en[`rule_${id.replaceAll("-", "_")}` as keyof typeof texts.en]);
  assert.deepEqual(
    said,
    asking.map(({ reason }) => reason),
  );
});
