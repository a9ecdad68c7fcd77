/** Two callers on one machine: neither sees what is the other's, and a token for one workspace sees no other. */
import assert from "node:assert/strict";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { needs } from "../needs.ts";
import type { Envelope } from "../world/callers.ts";
import { startWorld, type World } from "../world/world.ts";
import { type Surfaces, surfacesOf } from "./ground.ts";

const withBwrap = needs("bwrap");

let world: World;
let mine: Surfaces;
let yours: Surfaces;

before(async () => {
  world = await startWorld();
  writeFileSync(join(world.workspace, "shared.txt"), "shared\n");
  mine = surfacesOf(world, await world.token());
  yours = surfacesOf(world, await world.token());
});
after(() => world?.[Symbol.asyncDispose]());

const dataOf = async (at: Surfaces, tool: string, input: object = {}): Promise<Envelope["data"]> =>
  (await at.rest(tool, input)).body.data;
const printed = async (at: Surfaces, command: string): Promise<string> =>
  (await dataOf(at, "run_command", { command })).stdout;

test("a run is its caller's: another one finds nothing under its id, on any surface", withBwrap, async () => {
  const made = await mine.rest("run_command", { command: "echo secret" });
  const id = made.run ?? "";
  const own = await dataOf(mine, "get_run", { id });
  assert.equal(own.stdout, "secret\n");
  const answers = [
    (await yours.rest("get_run", { id })).body,
    (await yours.mcp("get_run", { id })).structuredContent as Envelope,
  ];
  for (const { ok, data } of answers) assert.deepEqual([ok, data.code], [false, "run_not_found"]);
  for (const [method, path] of [
    ["GET", `/api/v1/runs/${id}`],
    ["POST", `/api/v1/runs/${id}/cancel`],
  ] as const) {
    const response = await yours.fetch(path, { method });
    assert.deepEqual([response.status, (await response.text()).includes("secret")], [404, false]);
  }
});

test("an idempotency key means something only to its caller", withBwrap, async () => {
  const call = (at: Surfaces, words: string) => at.rest("run_command", { command: `echo ${words}` }, "one-key");
  const first = await call(mine, "mine");
  const other = await call(yours, "yours");
  assert.deepEqual([first.body.data.stdout, other.body.data.stdout], ["mine\n", "yours\n"]);
  assert.equal((await call(mine, "mine")).run, first.run);
});

test(
  "a process is its caller's: another one cannot list, read, feed, signal, stop or forget it",
  withBwrap,
  async () => {
    const { id } = await dataOf(mine, "start_process", { command: "cat; sleep 600" });
    assert.deepEqual(await dataOf(yours, "process_status"), { processes: [] });
    const tries = {
      process_status: {},
      process_output: {},
      write_process: { input: "x" },
      signal_process: { signal: "SIGKILL" },
      resize_session: { columns: 80, rows: 24 },
      wait_process: { timeout_seconds: 0 },
      stop_process: { force: true },
    };
    for (const [tool, input] of Object.entries(tries)) {
      assert.equal((await dataOf(yours, tool, { id, ...input })).code, "process_not_found", tool);
    }
    assert.deepEqual(await dataOf(yours, "clear_processes"), { cleared: 0 });
    assert.equal(await printed(yours, "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep 60[0]'"), "0\n");
    assert.equal((await dataOf(mine, "process_status", { id })).processes[0].state, "running");
    await dataOf(mine, "stop_process", { id, force: true });
  },
);

test("a shell is its caller's: directory, variables, functions, home and temporary files", withBwrap, async () => {
  await printed(
    mine,
    "mkdir -p sub; cd sub; X=mine; export Y=mine; f() { :; }; echo mine > ~/note; echo mine > /tmp/note",
  );
  const look = 'pwd; echo "[$X][$Y]"; type -t f; cat ~/note /tmp/note 2>/dev/null';
  assert.equal(await printed(mine, look), `${world.workspace}/sub\n[mine][mine]\nfunction\nmine\nmine\n`);
  assert.equal(await printed(yours, look), `${world.workspace}\n[][]\n`);
  const status = await dataOf(yours, "shell_status");
  assert.deepEqual([status.cwd, status.recent_commands.join().includes("mine")], [world.workspace, false]);
  await dataOf(yours, "shell_reset");
  assert.equal(await printed(mine, "echo $X"), "mine\n");
});

test("a port that one caller opens is not there for another", withBwrap, async () => {
  const listen = "node -e 'net.createServer((s) => s.end(`hello`)).listen(18123, () => console.log(`open`))'";
  const { id } = await dataOf(mine, "start_process", { command: listen });
  assert.equal((await dataOf(mine, "wait_process", { id, until: "output", timeout_seconds: 20 })).stdout, "open\n");
  const dial = "(exec 3<>/dev/tcp/127.0.0.1/18123 && cat <&3) 2>/dev/null || echo closed";
  assert.deepEqual([await printed(mine, dial), await printed(yours, dial)], ["hello", "closed\n"]);
  await dataOf(mine, "stop_process", { id, force: true });
});

test("checkpoints belong to a workspace and its callers, but not what was typed", withBwrap, async () => {
  const typed = "echo my-own-words > typed.txt";
  await printed(mine, typed);
  const { checkpoint_id } = await dataOf(mine, "write_file", { path: "shared.txt", content: "changed\n" });
  const titles = async (at: Surfaces) =>
    (await dataOf(at, "rewind")).checkpoints.map(({ title }: { title: string }) => title);
  assert.equal((await titles(mine)).includes(typed), true);
  assert.equal((await titles(yours)).includes(typed), false);
  const preview = await dataOf(yours, "rewind", { action: "preview", checkpoint_id });
  assert.deepEqual(preview.restored, [join(world.workspace, "shared.txt")]);
});

test("a token for one workspace sees neither files nor checkpoints of another", withBwrap, async () => {
  const other = join(realpathSync(dirname(world.workspace)), "other");
  mkdirSync(other);
  await world.paddock("root", "add", other);
  const bound = surfacesOf(world, await world.token({ workspace: other }));
  const { checkpoint_id } = await dataOf(mine, "write_file", { path: "shared.txt", content: "again\n" });
  assert.equal((await dataOf(bound, "agent_status")).workspace, other);
  assert.deepEqual((await dataOf(bound, "agent_status")).roots, [{ path: other, write: true }]);
  const path = join(world.workspace, "shared.txt");
  assert.equal((await dataOf(bound, "read_text_file", { path })).code, "path_outside_roots");
  assert.deepEqual((await dataOf(bound, "rewind")).checkpoints, []);
  for (const action of ["preview", "restore"]) {
    assert.equal((await dataOf(bound, "rewind", { action, checkpoint_id })).code, "checkpoint_not_found", action);
  }
  assert.equal(await printed(bound, `cat ${path} 2>/dev/null || echo none`), "none\n");
  const asked = await bound.ask("tools/list", {}, `?workspace=${encodeURIComponent(world.workspace)}`);
  assert.equal(asked, undefined);
});

for (const profile of ["readonly", "workspace", "open"]) {
  test(`Paddock's own state is out of everybody's reach in the profile ${profile}`, withBwrap, async () => {
    await using own = await startWorld({ settings: { PADDOCK_PROFILE: profile } });
    const agent = surfacesOf(own, await own.token());
    assert.equal((await dataOf(agent, "agent_status")).profile, profile);
    const path = join(own.home, "runner", "roots.json");
    writeFileSync(path, '["needle"]');
    const tries = {
      read_text_file: { path },
      read_file_base64: { path },
      list_directory: { path: own.home },
      directory_tree: { path: own.home },
      glob: { pattern: "*", path: own.home },
      grep: { pattern: "needle", path },
      fetch: { id: path },
      project_context: { path: own.home },
    };
    for (const [tool, input] of Object.entries(tries)) {
      const { body } = await agent.rest(tool, input);
      assert.match(body.data.code, /^(path_outside_roots|denied)$/, tool);
    }
    const changes = {
      write_file: { path, content: "x" },
      delete_file: { path },
      move_file: { source: own.home, destination: "taken" },
      copy_file: { source: path, destination: "taken" },
    };
    for (const [tool, input] of Object.entries(changes)) {
      const { body } = await agent.rest(tool, input);
      assert.match(body.data.code, /^(path_outside_roots|denied|readonly)$/, tool);
    }
    assert.equal(await printed(agent, `cat ${path} ${own.home}/hub/* 2>/dev/null | head -c 100`), "");
    const needs = { paths: [{ path, write: false }], reason: "to look" };
    const beyond = await dataOf(agent, "run_command", { command: `cat ${path}`, needs });
    assert.equal(beyond.code, "denied");
  });
}
