/** `paddock up` as a program: how it starts, what it says, what it survives, how it ends. */
import assert from "node:assert/strict";
import { exec, spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { needs } from "../needs.ts";
import { commandOf, jsonOf } from "../world/command.ts";
import { commandLines, until } from "../world/until.ts";
import { up } from "../world/up.ts";
import { paddockCommand, startWorld } from "../world/world.ts";

const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

test("the first run makes its places and says truly how to go on", needs("bwrap"), async () => {
  await using world = await startWorld({ up: false });
  await using running = up(world);
  await until(() => running.said().includes("Ctrl-C ends"));
  assert.equal(statSync(world.home).mode & 0o777, 0o700);
  const words = running.said();
  const { hub } = await jsonOf<{ hub: { url: string } }>(commandOf(world), "status");
  assert.match(words, new RegExp(`^Paddock is ready at ${hub.url}\n`));
  assert.ok(words.includes(`  workspace  ${world.workspace}\n`), words);
  assert.ok(words.includes(`claude mcp add --transport http --scope user paddock ${hub.url}/mcp `), words);
  assert.equal(running.complained(), "");
  for (const page of words.match(/\S+\.md$/gm) ?? []) assert.ok(statSync(page).isFile(), page);

  const made = words.match(/^ +(\S.* token create --name laptop)$/m)?.[1] ?? "";
  const { PADDOCK_HOME, ...elsewhere } = world.environment;
  assert.ok(made.includes(PADDOCK_HOME ?? "?"), made);
  const { stdout: token } = await promisify(exec)(made, { cwd: world.workspace, env: elsewhere });
  assert.match(token, /^pad_/);
});

test("a machine without a cage says loudly what that means", async () => {
  await using world = await startWorld({ up: false });
  await using running = up(world, "--sandbox", "none");
  await until(() => running.said().includes("Ctrl-C ends"));
  assert.match(running.said(), /^ {2}sandbox {4}NONE\. Commands run with all rights of your account/m);
  const { stdout } = await commandOf(world)(["status"]);
  assert.match(stdout, /^ {2}sandbox +none: commands run with all rights/m);
});

test("what is wrong with the settings is said with its place", async () => {
  await using world = await startWorld({ up: false, settings: { PADDOCK_PORT: "" } });
  const run = commandOf(world);
  const { home } = await jsonOf<{ home: string }>(run, "config");
  mkdirSync(home, { mode: 0o700 });
  const file = join(home, "config.toml");
  const cases = [
    ['host = "127.0.0.1"\nprot = 1\n', `${file}, line 2: there is no setting "prot".`],
    ['\nport = "abc"\n', `${file}, line 2, port: `],
    ["port = \n", `${file}, line 1, is not TOML: `],
    ['sandbox = "podman"\n', `${file}, line 1, sandbox: `],
  ] as const;
  for (const [text, message] of cases) {
    writeFileSync(file, text);
    for (const verb of ["config", "up", "mcp"]) {
      const { exitCode, stdout, stderr } = await run([verb]);
      assert.deepEqual([exitCode, stdout, stderr.startsWith(`paddock: ${message}`)], [2, "", true], verb + stderr);
      assert.equal(stderr.split("\n").length, 3, stderr);
    }
    const doctor = await run(["doctor"]);
    assert.equal(doctor.exitCode, 1);
    assert.ok(doctor.stdout.includes(`fail  ${message}`), doctor.stdout);
  }
  writeFileSync(file, "");
  assert.equal((await run(["up"], { environment: { PADDOCK_PORT: "70000" } })).exitCode, 2);
});

test("a port that is taken is said, and nothing is left running", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.on("listening", resolve));
  const port = String((server.address() as { port: number }).port);
  await using world = await startWorld({ up: false, settings: { PADDOCK_PORT: port, PADDOCK_SANDBOX: "none" } });
  const run = commandOf(world);
  const { exitCode, stderr } = await run(["up"]);
  assert.deepEqual(
    [exitCode, stderr],
    [6, `paddock: Port ${port} is in use.\n  Stop what uses it, or set PADDOCK_PORT.\n`],
  );
  assert.equal((await run(["status"])).exitCode, 7);
  assert.match((await run(["doctor"])).stdout, new RegExp(`fail {2}something else listens on 127.0.0.1, port ${port}`));
  server.close();
});

test("a second one on the same state folder is sent away and the first goes on", async () => {
  await using world = await startWorld({ settings: { PADDOCK_SANDBOX: "none" } });
  const run = commandOf(world);
  const second = await run(["up", "--json"]);
  assert.equal(second.exitCode, 6);
  assert.deepEqual(JSON.parse(second.stdout).error, {
    code: "already_running",
    message: `Paddock runs already, at ${world.address}.`,
    nextStep: "See `paddock status`. A second one needs a PADDOCK_HOME and a port of its own.",
  });
  assert.equal((await run(["call", "agent_status"])).exitCode, 0);
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  test(`${signal} ends hub and runner`, async () => {
    await using world = await startWorld({ up: false, settings: { PADDOCK_SANDBOX: "none" } });
    await using running = up(world, "--json");
    await until(() => running.said().includes("\n"));
    const { hub, runner } = await world.pids();
    running.child.kill(signal);
    assert.equal(await running.ended, 0);
    assert.deepEqual([isAlive(hub), isAlive(runner), running.complained()], [false, false, ""]);
    const audit = readFileSync(join(world.home, "runner", "audit.jsonl"), "utf8");
    assert.match(audit, /"service.stopped"/);
  });
}

test("hub and runner end when the supervisor is killed, and what is left is no hindrance", async () => {
  await using world = await startWorld({ up: false, settings: { PADDOCK_SANDBOX: "none" } });
  const first = up(world, "--json");
  await until(() => first.said().includes("\n"));
  const { hub, runner } = await world.pids();
  first.child.kill("SIGKILL");
  await first.ended;
  await until(() => !isAlive(hub) && !isAlive(runner));
  const second = up(world, "--json");
  await until(() => second.said().includes("\n"));
  const pids = await world.pids();
  for (const pid of [second.child.pid ?? 0, pids.hub, pids.runner]) process.kill(pid, "SIGKILL");
  await second.ended;
  await using third = up(world, "--json");
  await until(() => third.said().includes("\n"));
  assert.equal((await commandOf(world)(["call", "agent_status"])).exitCode, 0);
});

test("a runner that `paddock mcp` started ends with it, however that ends", async () => {
  await using world = await startWorld({ up: false, settings: { PADDOCK_SANDBOX: "none" } });
  const run = commandOf(world);
  const status = () => jsonOf<{ runner: { pid: number } | null }>(run, "status");
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const client = spawn(process.execPath, [paddockCommand, "mcp"], {
      env: world.environment,
      stdio: ["pipe", "ignore", "inherit"],
    });
    const { pid } = await until(async () => (await status()).runner);
    const refused = await run(["up"]);
    assert.deepEqual(
      [refused.exitCode, refused.stderr.split(";")[0]],
      [6, `paddock: A runner without a hub runs already (process ${pid})`],
    );
    client.kill(signal);
    await until(() => !isAlive(pid));
  }
});

test("no secret and no setting stands in a command line", async () => {
  await using world = await startWorld({ settings: { PADDOCK_SANDBOX: "none" } });
  const token = await world.token();
  const lines = commandLines().filter((line) => line.includes("packages/cli/src/processes/"));
  assert.ok(lines.length >= 2);
  for (const line of lines) assert.ok(!line.includes(token) && !line.includes(world.workspace), line);
});

test("changed and cut audit logs are found, the hub's and the runner's, also while nothing runs", async () => {
  await using world = await startWorld({ up: false, settings: { PADDOCK_SANDBOX: "none" } });
  const run = commandOf(world);
  const files = { runner: join(world.home, "runner/audit.jsonl"), hub: join(world.home, "hub/audit.jsonl") };
  {
    await using running = up(world, "--json");
    await until(() => running.said().includes("\n"));
    await run(["call", "agent_status"]);
    assert.equal((await run(["audit", "verify"])).exitCode, 0);
  }
  assert.equal((await run(["audit", "verify"])).exitCode, 0);
  for (const [name, file] of Object.entries(files)) {
    const whole = readFileSync(file, "utf8");
    const lines = whole.trimEnd().split("\n");
    truncateSync(file, Buffer.byteLength(whole) - Buffer.byteLength(`${lines.at(-1)}\n`));
    const cut = await run(["audit", "verify"]);
    assert.equal(cut.exitCode, 1);
    assert.match(cut.stdout, new RegExp(`^${name}: broken.*\n  record ${lines.length}, ${file}: cut_tail`, "m"));
    writeFileSync(file, whole.replace('"version":"', '"version":"9'));
    const changed = await run(["audit", "verify"]);
    assert.match(changed.stdout, new RegExp(`^${name}: broken.*\n  record 1, ${file}, line 1: changed$`, "m"));
    assert.match((await run(["doctor"])).stdout, /^fail {2}an audit log is broken/m);
    writeFileSync(file, whole);
    assert.equal((await run(["audit", "verify"])).exitCode, 0);
  }
});

test("doctor and status say what does not run, what is open to others, and that nobody has called", async () => {
  await using world = await startWorld({ up: false, settings: { PADDOCK_SANDBOX: "none" } });
  const run = commandOf(world);
  const none = await run(["status"]);
  assert.equal(none.exitCode, 7);
  assert.match(none.stdout, /^hub {5}not running\nrunner {2}not running\n[\s\S]*Start it with `paddock up`\.\n$/);
  for (const verb of [["token", "list"], ["root", "list"], ["approve"], ["approve", "--watch"], ["audit", "tail"]]) {
    const said = await run(verb);
    assert.deepEqual(
      [said.exitCode, said.stderr],
      [7, "paddock: Paddock does not run here.\n  Start it with `paddock up`.\n"],
      verb.join(" "),
    );
  }
  assert.match((await run(["doctor"])).stdout, /^fail {2}the hub does not run\n {6}Start it with `paddock up`\.$/m);
  await using running = up(world, "--json");
  await until(() => running.said().includes("\n"));
  assert.match((await run(["doctor"])).stdout, /^warn {2}no client has a token or was let in yet$/m);
  const token = await world.token();
  assert.match((await run(["doctor"])).stdout, /^warn {2}no client has called yet$/m);
  const { address } = JSON.parse(running.said());
  const ask = (bearer: string) => fetch(`${address}/api/v1/tools/agent_status`, post(bearer));
  assert.equal((await ask("wrong")).status, 401);
  assert.match((await run(["doctor"])).stdout, /^warn {2}clients called, and not one was let in/m);
  assert.equal((await ask(token)).status, 200);
  const well = await run(["doctor"]);
  assert.deepEqual(
    [well.exitCode, /^ok {4}a client has called with a valid credential$/m.test(well.stdout)],
    [0, true],
  );
  chmodSync(world.home, 0o755);
  assert.match((await run(["doctor"])).stdout, /^fail {2}others can look into .*\n {6}Run: chmod 700 /m);
});

const post = (bearer: string) => ({ method: "POST", headers: { authorization: `Bearer ${bearer}` }, body: "{}" });
