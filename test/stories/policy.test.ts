/** The owner's rules from the command line to the call: written, shown, tried, in force at once, and held against callers. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { needs } from "../needs.ts";
import { type Caller, rest } from "../world/callers.ts";
import { commandOf, jsonOf, type RunCommand } from "../world/command.ts";
import { until } from "../world/until.ts";
import { up } from "../world/up.ts";
import { startWorld, type World } from "../world/world.ts";

let world: World;
let paddock: RunCommand;
let agent: Caller;

before(async () => {
  world = await startWorld();
  paddock = commandOf(world);
  agent = await rest(world);
});
after(async () => {
  await agent?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

interface Rules {
  fault: string | null;
  warnings: string[];
  rules: { id: string; verdict: string }[];
}

const explain = async <T>(...words: string[]): Promise<T> =>
  JSON.parse((await paddock(["policy", "explain", "--json", ...words])).stdout);
const ownRules = async () =>
  (await jsonOf<Rules>(paddock, "policy", "list")).rules.map(({ id, verdict }) => `${verdict} ${id}`);
const clear = async () => {
  for (const rule of (await jsonOf<Rules>(paddock, "policy", "list")).rules)
    await paddock(["policy", "remove", rule.id]);
};

test("explain names each command, what it was hidden in, and the rule that decides", needs("bwrap"), async () => {
  const line = `cd /tmp && FOO=1 timeout 5 sh -c "curl x | sh"`;
  interface Explained {
    verdict: string;
    rules: { id: string }[];
    commands: { program: string; through: string[]; leadsTo: string[]; verdict: string; rule: string }[];
  }
  const { verdict, rules, commands } = await explain<Explained>("--", line);
  assert.deepEqual([verdict, rules.map(({ id }) => id)], ["allow", ["contained"]]);
  assert.deepEqual(
    commands.map(({ program, through }) => [program, through.join(" › ")]),
    [
      ["cd", ""],
      ["timeout", ""],
      ["sh", "timeout"],
      ["curl", "timeout › sh -c"],
      ["sh", "timeout › sh -c"],
    ],
  );
  assert.equal(commands[1]?.leadsTo.at(-1), realpathSync("/usr/bin/timeout"));
  await paddock(["policy", "deny", "--", "curl"]);
  const denied = await explain<Explained>("--", line);
  assert.deepEqual([denied.verdict, denied.rules[0]?.id], ["deny", "deny-curl"]);
  assert.deepEqual(
    denied.commands.filter((one) => one.rule === "deny-curl").map(({ program }) => program),
    ["curl"],
  );
  const { stdout } = await paddock(["policy", "explain", "--", line]);
  assert.match(stdout, /run_command is refused\.\n {2}deny-curl \(deny\): The owner does not allow it\./);
  assert.match(stdout, /Every file of the workspace can be read by a command/);
  await clear();
});

test("a rule holds for the next call, in every way to write the command", needs("bwrap", "git"), async () => {
  const { stdout } = await paddock(["policy", "deny", "--reason", "I push myself.", "--", "git", "push"]);
  assert.match(stdout, /deny-git-push.*: deny git push/);
  for (const command of ["git push", "true && git -C . push", "env X=1 git push", `sh -c "git push"`]) {
    const { ok, data } = await agent.call("run_command", { command });
    assert.deepEqual([ok, data.code, data.message], [false, "denied", "Refused by rule deny-git-push: I push myself."]);
  }
  assert.equal((await agent.call("run_command", { command: "git --version" })).ok, true);
  assert.equal((await agent.call("start_process", { command: "git push" })).data.code, "denied");
  await paddock(["policy", "deny", "--", "git", "commit"]);
  assert.equal((await agent.call("git_commit", { message: "mine" })).data.code, "denied");
  await clear();
  assert.notEqual((await agent.call("run_command", { command: "git push" })).data.code, "denied");
});

test("a stricter rule ends what runs", needs("bwrap"), async () => {
  const { data } = await agent.call("start_process", { command: "sleep 1000" });
  await paddock(["policy", "deny", "--", "sleep"]);
  await until(async () => {
    const status = await agent.call("process_status", { id: data.id });
    return status.data.processes?.[0]?.state !== "running";
  });
  await clear();
});

test("a file with secrets asks in file tools, and an owner's rule may let it be read", needs("bwrap"), async () => {
  writeFileSync(join(world.workspace, ".env"), "KEY=1\n");
  const explained = (tool: string, input: object) =>
    jsonOf<{ verdict: string; rules: { id: string }[] }>(
      paddock,
      "policy",
      "explain",
      "--tool",
      tool,
      "--input",
      JSON.stringify(input),
    );
  for (const [tool, input] of [
    ["read_text_file", { path: ".env" }],
    ["write_file", { path: ".env", content: "" }],
    ["grep", { path: ".env", pattern: "KEY" }],
    ["move_file", { source: ".env", destination: "env.txt" }],
  ] as const) {
    assert.equal((await explained(tool, input)).rules[0]?.id, "secret-file", tool);
  }
  await paddock(["policy", "allow", "--tool", "read_text_file", "--path", ".env"]);
  assert.equal((await agent.call("read_text_file", { path: ".env" })).data.content, "KEY=1\n");
  assert.equal((await explained("write_file", { path: ".env", content: "" })).verdict, "ask");
  await clear();
});

test("credentials and the state of Paddock cannot be opened by any rule", needs("bwrap"), async () => {
  await paddock(["policy", "allow", "--override", "--beyond", "--path", "/"]);
  await paddock(["policy", "allow", "--override", "--tool", "read_text_file", "--path", "/"]);
  for (const path of [join(world.home, "policy.toml"), join(world.environment.HOME ?? "", ".ssh/id_rsa")]) {
    assert.equal((await agent.call("read_text_file", { path })).data.code, "denied");
    const needs = { paths: [{ path: join(world.home, "policy.toml") }], reason: "please" };
    assert.equal((await agent.call("run_command", { command: "true", needs })).data.code, "denied");
  }
  await clear();
});

test(
  "a file changed by hand counts at once; one that is not right is reported and changes nothing",
  needs("bwrap"),
  async () => {
    const file = join(world.home, "policy.toml");
    await paddock(["policy", "deny", "--", "make"]);
    const good = readFileSync(file, "utf8");
    writeFileSync(file, good.replace('"make"', '"mak'));
    assert.equal((await agent.call("run_command", { command: "make" })).data.code, "denied");
    const listed = await paddock(["policy", "list"]);
    assert.deepEqual([listed.exitCode, /Not read: .*policy\.toml, line \d+/.test(listed.stdout)], [1, true]);
    assert.match((await paddock(["status"])).stdout, /rules .*policy\.toml, line/);
    assert.match((await paddock(["doctor"])).stdout, /policy\.toml, line/);
    assert.equal((await paddock(["policy", "check"])).exitCode, 2);
    assert.equal((await paddock(["policy", "ask", "--", "make"])).exitCode, 2);
    writeFileSync(file, good.replaceAll("make", "cmake"));
    assert.equal((await agent.call("run_command", { command: "make --version" })).ok, true);
    assert.deepEqual(await ownRules(), ["deny deny-cmake"]);
    assert.equal((await paddock(["policy", "check"])).exitCode, 0);
    await clear();
  },
);

test("a start with a broken rule file is refused and says where", async () => {
  await using other = await startWorld({ up: false });
  await commandOf(other)(["status"]);
  const { mkdirSync } = await import("node:fs");
  mkdirSync(other.home, { recursive: true, mode: 0o700 });
  writeFileSync(join(other.home, "policy.toml"), '[[rule]]\nid = "x"\nverdict = "sometimes"\n', { mode: 0o600 });
  await using starting = up(other);
  assert.notEqual(await starting.ended, 0);
  assert.match(starting.complained(), /policy\.toml, line 1: rule "x": verdict/);
  assert.match(starting.complained(), /paddock policy check/);
});

test("a caller that wants its owner asked is not overruled, whatever the rules allow", needs("bwrap"), async () => {
  await paddock(["policy", "allow", "--", "echo"]);
  const wish = { command: "echo ready", needs: { confirm: true, reason: "to be sure" } };
  for (const tool of ["start_process", "run_command"]) {
    const call = agent.call(tool, wish);
    const { id } = await until(async () => (await jsonOf<Waiting>(paddock, "approve")).questions[0]);
    await paddock(["approve", id]);
    assert.equal((await call).ok, true);
  }
  await clear();
});

interface Waiting {
  questions: { id: string }[];
}

test("removal by a command that several rules are about names them and removes none", needs("bwrap"), async () => {
  await paddock(["policy", "ask", "--cwd", "/a", "--", "make"]);
  await paddock(["policy", "deny", "--cwd", "/b", "--", "make"]);
  const { exitCode, stderr } = await paddock(["policy", "remove", "--", "make"]);
  assert.deepEqual([exitCode, /Several rules are meant: ask-make, deny-make/.test(stderr)], [2, true]);
  assert.deepEqual(await ownRules(), ["ask ask-make", "deny deny-make"]);
  await clear();
  assert.equal((await paddock(["policy", "remove", "make"])).exitCode, 4);
});

test("cases of a file are tried without running anything", needs("bwrap"), async () => {
  const file = join(world.workspace, "cases.toml");
  writeFileSync(
    file,
    '[[case]]\ncommand = "touch ran"\nexpect = "allow"\n\n[[case]]\ntool = "read_text_file"\ninput = { path = ".env" }\nexpect = "allow"\n',
  );
  const { exitCode, stdout } = await paddock(["policy", "test", file]);
  assert.equal(exitCode, 1);
  assert.match(stdout, /read_text_file .*: expected allow, came to ask by secret-file\n1 of 2 cases fail\./);
  assert.equal(readdirSync(world.workspace).includes("ran"), false);
});

test("what the owner's commands changed is on record", needs("bwrap"), async () => {
  await paddock(["policy", "deny", "--", "recorded"]);
  await clear();
  const { stdout } = await paddock(["audit", "tail", "--lines", "100", "--json"]);
  assert.equal(stdout.includes('"deny-recorded"') && stdout.includes("policy.changed"), true);
});

test(
  "what the owner closes is out of reach of tools and commands, also of a shell that runs already",
  needs("bwrap"),
  async () => {
    writeFileSync(join(world.workspace, "closed.txt"), "canary\n");
    const read = async () => (await agent.call("run_command", { command: "cat closed.txt" })).data.stdout;
    assert.equal(await read(), "canary\n");
    assert.match((await paddock(["root", "deny", "closed.txt"])).stdout, /closed\.txt +none +closed by you/);
    assert.equal(await read(), "");
    assert.equal((await agent.call("read_text_file", { path: "closed.txt" })).data.code, "denied");
    assert.equal((await agent.call("grep", { pattern: "canary" })).data.count, 0);
    assert.equal((await paddock(["root", "remove", "closed.txt"])).exitCode, 0);
    assert.equal(await read(), "canary\n");
  },
);
