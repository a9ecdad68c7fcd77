import assert from "node:assert/strict";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openRules, type RulesChange } from "./rules.ts";

const noPush = `# Pushing is mine.
[[rule]]
id = "no-push"
verdict = "deny"
program = "git"
args = ["push"]
reason = "I push myself."
match = ["git push origin main", "cd x && git -C y push"]
not_match = ["git pull"]
`;
const askMake = `
# Builds take long.
[[rule]]
id = "ask-make"
verdict = "ask"
program = "make"
reason = "Builds take long."
`;

/** An installation's state folder with a rule file; `open` starts with it. */
function place(text?: string) {
  const home = mkdtempSync(join(tmpdir(), "paddock-rules-"));
  const file = join(home, "policy.toml");
  const write = (content: string) => writeFileSync(file, content, { mode: 0o600 });
  if (text !== undefined) write(text);
  const changes: RulesChange[] = [];
  const faults: string[] = [];
  let time = 1_000;
  const stack = new DisposableStack();
  stack.defer(() => rmSync(home, { recursive: true, force: true }));
  return {
    home,
    file,
    write,
    changes,
    faults,
    setTime: (now: number) => {
      time = now;
    },
    open() {
      const rules = openRules({
        home,
        ownerHome: "/home/o",
        backupsKept: 5,
        now: () => time,
        onChange: (change) => changes.push(change),
        onFault: (fault) => faults.push(fault),
      });
      stack.defer(() => rules.close());
      return rules;
    },
    [Symbol.dispose]: () => stack.dispose(),
  };
}

const ownIds = ({ state }: ReturnType<typeof openRules>) => state.rules.map(({ id }) => id);

test("without a rule file the built-in rules are in force", () => {
  using at = place();
  const rules = at.open();
  assert.deepEqual([ownIds(rules), rules.state.fault], [[], null]);
  assert.equal(rules.inForce()[0]?.id, "contained");
});

test("a changed file is in force at the next decision, and says whether it is stricter", () => {
  using at = place(noPush);
  const rules = at.open();
  at.write(`${noPush}${askMake}`);
  assert.equal(
    rules.inForce().some(({ id }) => id === "ask-make"),
    true,
  );
  at.write(`${askMake}\n`);
  rules.inForce();
  assert.deepEqual(at.changes, [
    { added: ["ask-make"], removed: [], tightened: true },
    { added: [], removed: ["no-push"], tightened: false },
  ]);
});

test("a file that is not right leaves the rules of before in force, and the next right one counts again", () => {
  using at = place(noPush);
  const rules = at.open();
  for (const broken of ["[[rule]\n", "", `${noPush}\n[[rule]]\nid = "x"\n`]) {
    at.write(broken);
    rules.refresh();
    assert.deepEqual(ownIds(rules), ["no-push"]);
    assert.match(rules.state.fault ?? "", /policy\.toml/);
  }
  rmSync(at.file);
  rules.refresh();
  assert.match(rules.state.fault ?? "", /gone: the 1 rules of before stay in force/);
  assert.equal(at.faults.length, 4);
  at.write(askMake);
  rules.refresh();
  assert.deepEqual([ownIds(rules), rules.state.fault], [["ask-make"], null]);
});

test("a start with a broken file is refused with its place and the next step", () => {
  const cases = [
    ["[[rule]]\nid = ", /policy\.toml, line 2: this is not TOML/],
    [`${noPush}\n[[rule]]\nid = "x"\nverdict = "maybe"\n`, /policy\.toml, line 11: rule "x": verdict/],
    [
      '[[rule]]\nid = "x"\nverdict = "deny"\nreason = "r"\nprogramm = "a"\n',
      /line 1: rule "x": there is no "programm"/,
    ],
    [
      noPush.replace("git pull", "git push --dry-run"),
      /line 2: rule "no-push": its not_match example "git push --dry-run" fails/,
    ],
    [
      noPush.replace("git push origin main", "git fetch"),
      /its match example "git fetch" fails: the rule says nothing about it/,
    ],
    [noPush.replace("git push origin main", "$X"), /fails: the rule asks, because it cannot be told/],
    [noPush + noPush, /two rules have the id no-push/],
    ['[[rule]]\nid = "contained"\nverdict = "deny"\nreason = "r"\n', /contained is the id of a built-in rule/],
    ["rules = 1\n", /there is no rules in a rule file/],
    ['[[rule]]\nid = "x"\nverdict = "allow"\nreason = "r"\nwishes = ["no_cage"]\n', /say which program or tools/],
    ['[[rule]]\nid = "x"\nverdict = "deny"\nreason = "r"\nprogram = "a*b*c*d*e*f*"\n', /more than 4 stars/],
    ['[[rule]]\nid = "x"\nverdict = "deny"\nreason = "r"\npaths = ["a"]\n', /must be absolute/],
    ['[[rule]]\nid = "x"\nverdict = "deny"\nreason = "r"\ntools = ["nothing"]\n', /is no tool/],
    [`${"# long\n".repeat(40_000)}`, /larger than 256 KiB/],
    ['[[rule]]\nid = "r"\nverdict = "deny"\nreason = "r"\n'.repeat(501), /more than 500 rules/],
  ] as const;
  for (const [text, message] of cases) {
    using at = place(text);
    assert.throws(() => at.open(), { code: "invalid_config", message, nextStep: /paddock policy check/ });
  }
});

test("a file that somebody else could have written is not read", () => {
  using at = place(noPush);
  chmodSync(at.file, 0o620);
  assert.throws(() => at.open(), { message: /others can write it/ });
  rmSync(at.file);
  writeFileSync(join(at.home, "other.toml"), noPush);
  symlinkSync("other.toml", at.file);
  assert.throws(() => at.open(), { message: /it is a link/ });
});

test("a rule is added and taken out without touching the others, and as many backups are kept as is wanted", () => {
  using at = place(`${noPush}${askMake}`);
  const rules = at.open();
  const draft = { id: "ask-curl", verdict: "ask", program: "curl", args: ["-o", 'a"b'], reason: "Ask \\ me." };
  assert.deepEqual(rules.addRule(draft).when, { programs: [{ name: "curl", args: ["-o", 'a"b'] }] });
  assert.deepEqual(ownIds(rules), ["no-push", "ask-make", "ask-curl"]);
  rules.removeRule("ask-make");
  assert.deepEqual(ownIds(rules), ["no-push", "ask-curl"]);
  assert.equal(readFileSync(at.file, "utf8").startsWith(noPush), true);
  assert.equal(readFileSync(at.file, "utf8").includes("Builds take long"), false);
  assert.equal(statSync(at.file).mode & 0o777, 0o600);
  for (let index = 0; index < 5; index += 1) {
    at.setTime(2_000 + index);
    rules.addRule({ id: `more-${index}`, verdict: "deny", program: "x", reason: "No." });
  }
  assert.equal(readdirSync(join(at.home, "backups")).length, 5);
});

test("a rule that is none changes nothing", () => {
  using at = place(noPush);
  const rules = at.open();
  const drafts = [
    { verdict: "ask" },
    { id: "no-push", verdict: "ask", reason: "twice" },
    { id: "x", verdict: "ask", reason: "odd", evil: "\n[[rule]]" },
    { id: "x", verdict: "ask", reason: 'two lines\n[[rule]]\nid = "y"' },
  ];
  for (const draft of drafts) assert.throws(() => rules.addRule(draft), { code: "invalid_input" });
  assert.throws(() => rules.removeRule("contained"), { code: "not_found" });
  assert.deepEqual([readFileSync(at.file, "utf8"), at.changes], [noPush, []]);
});

test("examples may be calls of any tool", () => {
  using at = place(
    [
      '[[rule]]\nid = "ask-delete"\nverdict = "ask"\nreason = "r"\nserver = "github/delete_*"',
      'match = [{ tool = "mcp_call", input = { server_id = "github", tool = "delete_repo" } }]',
      'not_match = [{ tool = "mcp_call", input = { server_id = "github", tool = "list" } }, "ls"]',
      '[[rule]]\nid = "legal"\nverdict = "deny"\nreason = "r"\npaths = "/workspace/legal"',
      'match = [{ tool = "move_file", input = { source = "legal/a", destination = "b" } }]',
      'not_match = [{ tool = "read_text_file", input = { path = "legally" } }]\n',
    ].join("\n"),
  );
  assert.deepEqual(ownIds(at.open()), ["ask-delete", "legal"]);
});

test("a rule that another one makes useless is reported", () => {
  const allow = '[[rule]]\nid = "push"\nverdict = "allow"\nprogram = "git"\nargs = ["push", "origin"]\nreason = "r"\n';
  using at = place(`${noPush}${allow}`);
  assert.deepEqual(at.open().state.warnings, [
    "Rule push (allow) never counts: no-push denies all that it speaks about.",
  ]);
});

test("the clock that is set back does not bring back what was allowed for a time", () => {
  using at = place();
  const rules = at.open();
  at.setTime(10_000);
  rules.moment();
  at.setTime(5_000);
  const { now, latest } = rules.moment();
  assert.deepEqual([now, latest], [5_000, 10_000]);
});

test("the rule that the guide shows is one, and its examples hold", () => {
  const guide = readFileSync(new URL("../../../../docs/machine.md", import.meta.url), "utf8");
  const [, shown = ""] = /```toml\n(\[\[rule\]\].*?)```/s.exec(guide) ?? [];
  using at = place(shown);
  assert.deepEqual(ownIds(at.open()), ["no-force"]);
});
