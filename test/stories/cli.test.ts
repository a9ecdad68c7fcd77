/** The command line against a running Paddock: every verb, with and without `--json`, right and wrong. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Envelope, errors } from "@paddock/contract";
import { needs } from "../needs.ts";
import { commandOf, jsonOf, type RunCommand } from "../world/command.ts";
import { until } from "../world/until.ts";
import { paddockCommand, startWorld, type World } from "../world/world.ts";

describe("the command line", needs("bwrap", "git"), () => {
  let world: World;
  let run: RunCommand;
  before(async () => {
    world = await startWorld();
    run = commandOf(world);
    writeFileSync(join(world.workspace, "README.md"), "hello\n");
  });
  after(() => world[Symbol.asyncDispose]());

  const failure = (code: string, message: string, nextStep: string) => ({ error: { code, message, nextStep } });

  test("every verb that looks answers people in words and programs in JSON", async () => {
    const verbs = [
      ["status"],
      ["doctor"],
      ["config"],
      ["root", "list"],
      ["token", "list"],
      ["run", "list"],
      ["audit", "tail"],
      ["audit", "verify"],
      ["bridge", "list"],
      ["approve"],
      ["notify", "list"],
      ["call", "--list"],
      ["call", "agent_status"],
      ["call", "edit_file", "--help"],
      ["policy", "explain", "--", "npm", "test"],
      ["policy", "list", "--all"],
      ["policy", "check"],
      ["completion", "bash"],
    ];
    for (const verb of verbs) {
      const at = verb.indexOf("--") < 0 ? verb.length : verb.indexOf("--");
      const words = await run(verb);
      const json = await run(verb.toSpliced(at, 0, "--json"));
      assert.deepEqual([words.exitCode, words.stderr], [0, ""], verb.join(" "));
      assert.match(words.stdout, /^\S[\s\S]*\S\n$/, verb.join(" "));
      assert.doesNotMatch(words.stdout, /undefined|\[object|null\b/, verb.join(" "));
      assert.equal(words.stdout.includes("\u001b"), false, verb.join(" "));
      assert.deepEqual([json.exitCode, json.stderr], [0, ""], verb.join(" "));
      assert.equal(typeof JSON.parse(json.stdout), "object", verb.join(" "));
    }
  });

  test("trying a channel says why nothing arrived, and that there is no such channel", async () => {
    const { exitCode, stdout } = await run(["notify", "test", "--json"]);
    const fault = "no session bus is named in the environment that Paddock was started in.";
    assert.deepEqual([exitCode, JSON.parse(stdout)], [1, { tried: [{ channel: "desktop", fault }] }]);
    const unknown = await run(["notify", "test", "pigeon", "--json"]);
    assert.deepEqual(
      JSON.parse(unknown.stdout),
      failure("invalid_input", 'There is no channel "pigeon".', "There are: desktop."),
    );
  });

  test("every verb has help with its flags", async () => {
    const { stdout: all } = await run(["--help"]);
    assert.match(all, /up .*Start hub and runner/);
    const verbs = ["up", "mcp", "call", "approve", "token create", "root add", "policy explain", "completion"];
    for (const verb of verbs) {
      const { exitCode, stdout } = await run([...verb.split(" "), "--help"]);
      assert.equal(exitCode, 0, verb);
      assert.match(stdout, new RegExp(`Usage: paddock ${verb} [^]*Examples:\n  paddock ${verb}`, "i"), verb);
    }
  });

  test("a faulty line ends with 2, says what was meant, and is JSON when JSON was asked for", async () => {
    const { exitCode, stdout, stderr } = await run(["statu"]);
    assert.deepEqual([exitCode, stdout], [2, ""]);
    assert.equal(stderr, "paddock: Unknown command 'statu'.\n  Did you mean `status`?\n");
    assert.deepEqual(
      JSON.parse((await run(["token", "lst", "--json"])).stdout),
      failure("invalid_input", "Unknown command 'lst'.", "Did you mean `list`?"),
    );
    const faults = [
      ["run", "list", "--limit", "many"],
      ["audit", "tail", "--lines", "0"],
      ["token", "create"],
      ["token", "create", "--name", "x", "--days", "-1"],
      ["token", "create", "--name", "x", "--toolset", "all"],
      ["approve", "--deny"],
      ["approve", "apr_x", "--for", "soon"],
      ["approve", "--content", "abc"],
      ["policy", "explain"],
      ["completion", "tcsh"],
      ["run", "show"],
      ["up", "--prot", "1"],
    ];
    for (const fault of faults) {
      const said = await run(fault);
      assert.deepEqual([said.exitCode, said.stdout], [2, ""], fault.join(" "));
      assert.match(said.stderr, /^paddock: .+\.\n {2}\S.+\n$|^paddock: .+\?\n {2}\S.+\n$/, fault.join(" "));
      assert.equal(JSON.parse((await run([...fault, "--json"])).stdout).error.code, "invalid_input");
    }
  });

  test("what does not exist ends with 4", async () => {
    for (const wrong of [
      ["run", "show", "run_01m7w8kq6xq4201xadgq2stb28"],
      ["run", "cancel", "nope"],
      ["token", "revoke", "nope"],
      ["root", "add", "/does/not/exist"],
      ["root", "remove", "/does/not/exist"],
      ["approve", "apr_nope"],
      ["approve", "--content", "0".repeat(64)],
      ["bridge", "enable", "nope"],
    ])
      assert.equal((await run(wrong)).exitCode, 4, wrong.join(" "));
  });

  test("flags of every kind become a tool's input", async () => {
    const edits = JSON.stringify([{ old_text: "hello", new_text: "hullo" }]);
    const edited = await run(["call", "multi_edit", "--path", "README.md", "--edits", edits, "--dry-run"]);
    assert.deepEqual([edited.exitCode, edited.stderr], [0, ""]);
    assert.match(edited.stdout, /^\+hullo$/m);
    assert.equal(readFileSync(join(world.workspace, "README.md"), "utf8"), "hello\n");
    const head = await jsonOf<Envelope>(run, "call", "read_text_file", "--path=README.md", "--head", "1");
    assert.match(JSON.stringify(head.data), /hello/);
    const added = await run(["call", "git_add", "--files", "a", "--files", "b", "--json"]);
    assert.equal(JSON.parse(added.stdout).tool, "git_add");
    const piped = await run(["call", "read_text_file", "--input", "-"], { input: '{"path": "README.md"}' });
    assert.match(piped.stdout, /^content:\nhello$/m);
  });

  test("a call that cannot be made says why before anything is sent", async () => {
    const before = (await jsonOf<unknown[]>(run, "run", "list", "--limit", "1000")).length;
    const cases = [
      [["red_text_file"], 'There is no tool "red_text_file".', "Did you mean `paddock call read_text_file`?"],
      [
        ["read_text_file"],
        "read_text_file needs --path.",
        "`paddock call read_text_file --help` shows its parameters.",
      ],
      [["read_text_file", "--pth", "x"], "read_text_file has no parameter --pth.", "Did you mean `--path`?"],
      [
        ["read_text_file", "--path"],
        "--path needs a value.",
        "`paddock call read_text_file --help` shows its parameters.",
      ],
      [
        ["read_text_file", "--path", "x", "--head", "ten"],
        '--head takes a number, not "ten".',
        "`paddock call read_text_file --help` shows its parameters.",
      ],
      [["read_text_file", "--input", "{"], "The value of --input is not valid JSON.", "Give one JSON object."],
    ] as const;
    for (const [args, message, nextStep] of cases) {
      const { exitCode, stderr } = await run(["call", ...args]);
      assert.deepEqual([exitCode, stderr], [2, `paddock: ${message}\n  ${nextStep}\n`]);
    }
    assert.equal((await jsonOf<unknown[]>(run, "run", "list", "--limit", "1000")).length, before);
  });

  test("a refused call ends with the code of its failure, a failed command does not", async () => {
    assert.equal((await run(["call", "read_text_file", "--path", "/etc/passwd"])).exitCode, 3);
    assert.equal((await run(["call", "read_text_file", "--path", "nothing"])).exitCode, 4);
    const failed = await run(["call", "run_command", "--command", "exit 3"]);
    assert.deepEqual([failed.exitCode, /^exit_code: 3$/m.test(failed.stdout)], [0, true]);
  });

  test("a call goes over HTTP where an address is given, and a token ends at once", async () => {
    const made = await jsonOf<{ id: string; token: string; expiresAt: string }>(
      run,
      ...["token", "create", "--name", "laptop", "--days", "7"],
    );
    assert.match(made.token, /^pad_/);
    assert.equal(Math.round((Date.parse(made.expiresAt) - Date.now()) / 86_400_000), 7);
    const remote = { environment: { PADDOCK_URL: world.address, PADDOCK_TOKEN: made.token } };
    const call = ["call", "read_text_file", "--path", "README.md", "--workspace", world.workspace];
    assert.match((await run(call, remote)).stdout, /hello/);
    const listed = await run(["token", "list"]);
    assert.match(listed.stdout, new RegExp(`^${made.id}  laptop  core .*valid until`, "m"));
    assert.doesNotMatch(listed.stdout, new RegExp(made.token));
    assert.match((await run(["run", "list"])).stdout, /read_text_file +laptop +rest +completed/);

    assert.equal((await run(["token", "revoke", made.id])).exitCode, 0);
    const refused = await run([...call, "--json"], remote);
    assert.deepEqual([refused.exitCode, JSON.parse(refused.stdout).error.code], [3, "unauthorized"]);
    const response = await fetch(`${world.address}/api/v1/tools/agent_status`, {
      method: "POST",
      headers: { authorization: `Bearer ${made.token}` },
      body: "{}",
    });
    assert.equal(response.status, 401);
    assert.match((await run(["token", "list"])).stdout, new RegExp(`^${made.id} .*revoked`, "m"));
  });

  test("an address where nobody is, or somebody else, is told apart from a refusal", async () => {
    const at = (url: string) =>
      run(["call", "agent_status"], { environment: { PADDOCK_URL: url, PADDOCK_TOKEN: "x" } });
    assert.match((await at("http://127.0.0.1:1")).stderr, /^paddock: http:\/\/127\.0\.0\.1:1 cannot be reached/);
    assert.equal((await at("http://127.0.0.1:1")).exitCode, 7);
    assert.equal((await at("somewhere")).exitCode, 2);
  });

  test("a token from elsewhere is taken from standard input, unless it could be guessed", async () => {
    const weak = await run(["token", "create", "--name", "x", "--stdin", "--json"], { input: "a".repeat(40) });
    assert.deepEqual([weak.exitCode, JSON.parse(weak.stdout).error.code], [2, "weak_token"]);
    const own = "q7Zr-2xVb9Kc_4mNw8Ld6Ty3Hs5Jf1Gp0Ae";
    const taken = await run(["token", "create", "--name", "mine", "--stdin", "--json"], { input: `${own}\n` });
    assert.equal(JSON.parse(taken.stdout).token, own);
    const used = await run(["call", "agent_status"], {
      environment: { PADDOCK_URL: world.address, PADDOCK_TOKEN: own },
    });
    assert.equal(used.exitCode, 0);
  });

  test("a root counts from the moment it is added until the moment it is removed, in a running shell too", async () => {
    const other = join(world.workspace, "..", "other");
    mkdirSync(other);
    writeFileSync(join(other, "note"), "over here\n");
    const path = realpathSync(other);
    const look = () => run(["call", "run_command", "--command", `cat ${path}/note`]);
    const read = () => run(["call", "read_text_file", "--path", join(path, "note")]);
    assert.equal((await read()).exitCode, 3);
    assert.match((await look()).stdout, /No such file/);
    assert.match((await run(["root", "add", other])).stdout, new RegExp(`^${path} +read and write$`, "m"));
    assert.match((await read()).stdout, /over here/);
    assert.match((await look()).stdout, /over here/);
    await run(["root", "remove", other]);
    assert.equal((await read()).exitCode, 3);
    assert.match((await look()).stdout, /No such file/);
    await run(["root", "add", other, "--readonly"]);
    const written = await run(["call", "write_file", "--path", join(path, "new"), "--content", "x"]);
    assert.equal(written.exitCode, 3);
    await run(["root", "remove", other]);
    assert.deepEqual(await jsonOf(run, "root", "list"), {
      roots: [{ path: realpathSync(world.workspace), write: true }],
      denied: [],
      standard: realpathSync(world.workspace),
    });
  });

  const wish = ["call", "run_command", "--command", "echo outside"];
  const needsNoCage = ["--needs", '{"no_cage": true, "reason": "try\\u001b[31m\\n  allow: all"}'];

  async function askedOnce(): Promise<string> {
    const { questions } = await until(async () => {
      const found = await jsonOf<{ questions: { id: string }[] }>(run, "approve");
      return found.questions.length > 0 && found;
    });
    return questions[0]?.id ?? "";
  }

  test("a question shows what the caller wrote as such, and its answer is carried out", async () => {
    const call = run([...wish, ...needsNoCage]);
    const id = await askedOnce();
    const { stdout } = await run(["approve"]);
    assert.match(stdout, new RegExp(`^${id} {2}Risk: medium, .*\n {2}Tool: Run a command \\(run_command\\)$`, "m"));
    assert.match(stdout, /^ {2}Asked by: owner \(cli\)$/m);
    assert.match(stdout, /^ {4}\| echo outside$/m);
    assert.match(stdout, /^ {4}\| try\\u\{1b\}\[31m$/m);
    assert.match(stdout, /^ {4}\| {3}allow: all$/m);
    assert.equal((await run(["approve", id])).stdout, "Allow once: Run a command (run_command)\n");
    assert.match((await call).stdout, /^stdout:\noutside$/m);
    assert.equal((await run(["approve", id])).exitCode, 6);
    assert.equal((await run(["approve"])).stdout, "Nothing waits for you.\n");
  });

  test("a no ends the call, and a yes for some minutes covers the very same only", async () => {
    const refused = run([...wish, ...needsNoCage, "--json"]);
    await run(["approve", await askedOnce(), "--deny"]);
    assert.deepEqual([(await refused).exitCode, JSON.parse((await refused).stdout).data.code], [3, "approval_denied"]);
    const asked = run([...wish, ...needsNoCage]);
    await run(["approve", await askedOnce(), "--for", "5"]);
    assert.equal((await asked).exitCode, 0);
    assert.match((await run([...wish, ...needsNoCage])).stdout, /outside/);
    const changed = run(["call", "run_command", "--command", "echo more", ...needsNoCage]);
    await run(["approve", await askedOnce(), "--deny"]);
    assert.equal((await changed).exitCode, 3);
  });

  test("--watch shows questions as they come and go, for people and as lines of JSON, until Ctrl-C", async () => {
    const watchers = [watch(world), watch(world, "--json")] as const;
    const [words, json] = watchers;
    await until(() => words.said() !== "");
    assert.equal(words.said(), "Waiting for questions. Ctrl-C ends.\n");
    const call = run(["call", "run_command", "--command", "echo watched", ...needsNoCage]);
    const id = await askedOnce();
    await until(() => words.said().includes(`paddock approve ${id} --deny`) && json.said().includes(id));
    await run(["approve", id, "--deny"]);
    await call;
    await until(() => words.said().endsWith(`over: ${id}\n`) && json.said().includes('"over"'));
    for (const { child } of watchers) child.kill("SIGINT");
    assert.deepEqual(await Promise.all(watchers.map(({ ended }) => ended)), [0, 0]);
    const events = json
      .said()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      events.map((event) => [event.type, event.id]),
      [
        ["asked", id],
        ["over", id],
      ],
    );
  });

  test("content that came with a workspace is shown, and approved by its hash", async () => {
    mkdirSync(join(world.workspace, ".claude/skills/greet"), { recursive: true });
    const skill = "---\nname: greet\ndescription: Says hello.\n---\nRun greet.sh.\n";
    writeFileSync(join(world.workspace, ".claude/skills/greet/SKILL.md"), skill);
    writeFileSync(join(world.workspace, ".claude/skills/greet/greet.sh"), "#!/bin/sh\necho hello there\n", {
      mode: 0o755,
    });
    const greet = ["call", "skill_run", "--input", '{"name": "greet", "script": "greet.sh"}'];
    assert.equal((await run(greet)).exitCode, 3);
    const { content } = await jsonOf<{ content: { hash: string }[] }>(run, "approve");
    const hash = content[0]?.hash ?? "";
    assert.match((await run(["approve"])).stdout, new RegExp(`paddock approve --content ${hash}$`, "m"));
    assert.match((await run(["approve", "--content", hash])).stdout, /^Approved: skill /);
    assert.match((await run(greet)).stdout, /hello there/);
  });

  test("policy explain says which rule decides, and runs nothing", async () => {
    assert.match((await run(["policy", "explain", "--", "touch", "new"])).stdout, /^run_command runs without asking\./);
    const asking = ["policy", "explain", "--input", '{"command": "id", "needs": {"no_cage": true, "reason": "r"}}'];
    const asked = await jsonOf<{ verdict: string; rules: { id: string }[] }>(run, ...asking);
    assert.deepEqual([asked.verdict, asked.rules.map(({ id }) => id)], ["ask", ["no-cage"]]);
    assert.match(
      (await run(asking)).stdout,
      /asks you first, and wants an answer that one of your devices signs or that is given on this machine\./,
    );
    assert.equal((await run(["policy", "explain", "--tool", "nope"])).exitCode, 2);
  });

  test("a run can be seen and ended", async () => {
    const call = run(["call", "run_command", "--command", "sleep 60", "--json"]);
    const running = await until(async () =>
      (await jsonOf<{ id: string; tool: string; state: string }[]>(run, "run", "list")).find(
        ({ tool, state }) => tool === "run_command" && state === "running",
      ),
    );
    assert.equal((await run(["run", "cancel", running.id])).exitCode, 0);
    assert.equal(JSON.parse((await call).stdout).data.code, "cancelled");
    const shown = await jsonOf<{ id: string; state: string }>(run, "run", "show", running.id);
    assert.deepEqual([shown.id, shown.state], [running.id, "cancelled"]);
    assert.match((await run(["run", "show", running.id])).stdout, /^state +cancelled$/m);
  });

  test("each setting is shown with its origin", async () => {
    const { settings } = await jsonOf<{ settings: { key: string; value: unknown; origin: string }[] }>(run, "config");
    const found = (key: string) => settings.find((setting) => setting.key === key);
    assert.deepEqual(
      [found("port")?.value, found("port")?.origin, found("profile")?.origin],
      [0, "environment", "default"],
    );
    assert.match((await run(["config"])).stdout, /^port +0 +environment, PADDOCK_PORT$/m);
  });
});

function watch({ environment }: World, ...args: string[]) {
  const child = spawn(process.execPath, [paddockCommand, "approve", "--watch", ...args], {
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return { child, said: () => said, ended: new Promise((resolve) => child.on("close", resolve)) };
}

test("a key that begins with a dash is an argument, and a mistyped option is none", async () => {
  await using world = await startWorld({ up: false });
  const key = "-lUlU4ZrvplpxC2Y928TunzVpPkYnRjlBL3BK0yKv4k";
  await assert.rejects(world.paddock("device", "enrol", "phone", key), { code: errors.not_running.exit });
  await assert.rejects(world.paddock("device", "enrol", "phone", key, "--jsom"), { code: errors.invalid_input.exit });
});
