/**
 * Annotations are true: what claims to only read leaves no trace, what can do more says so, and a token for reading gets no
 * further on any surface, not even when the hub says it may.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { newId } from "@paddock/contract";
import { isHubToolName, type ToolName, tools } from "@paddock/contract/tools";
import { openScriptedHub } from "../../packages/runner/src/link/hub.fixture.ts";
import { needs } from "../needs.ts";
import { until } from "../world/until.ts";
import { startWorld, type World } from "../world/world.ts";
import { type Listed, type Surfaces, startGround, surfacesOf } from "./ground.ts";
import { at, inputOf, type Kept } from "./row.ts";
import { rows } from "./rows.ts";

/** Written out, so that a tool does not become harmless by a slip in its declaration. */
const readers: readonly ToolName[] = [
  "agent_status",
  "directory_tree",
  "fetch",
  "get_run",
  "git_diff",
  "git_log",
  "git_status",
  "glob",
  "grep",
  "list_allowed_directories",
  "list_directory",
  "list_machines",
  "list_notification_channels",
  "list_runs",
  "load_path_rules",
  "mcp_servers",
  "process_output",
  "process_status",
  "project_context",
  "read_file_base64",
  "read_text_file",
  "search",
  "shell_status",
  "skill_list",
  "skill_read",
  "wait_process",
];
/** What makes something new and can neither overwrite nor delete. */
const adders: readonly ToolName[] = ["create_directory"];
/** What runs programs or speaks to others. */
const open: readonly ToolName[] = [
  "batch",
  "exec",
  "git_pull",
  "git_push",
  "mcp_call",
  "mcp_tools",
  "resize_session",
  "run_command",
  "send_notification",
  "shell_reset",
  "signal_process",
  "skill_run",
  "start_process",
  "start_session",
  "stop_process",
  "write_process",
];

let world: World;
let surfaces: Surfaces;
let reader: Surfaces;
let listed: Listed[];

before(async () => {
  world = await startGround();
  surfaces = surfacesOf(world, await world.token());
  reader = surfacesOf(world, await world.token({ toolset: "readonly" }));
  listed = await surfaces.tools();
});
after(() => world?.[Symbol.asyncDispose]());

const others = () => Object.values(tools).filter(({ name }) => !readers.includes(name));

test("each tool says all four hints, and they are what it can do", needs("bwrap", "git"), () => {
  const said = Object.fromEntries(listed.map(({ name, annotations }) => [name, annotations]));
  const expected = Object.keys(tools).map((key) => {
    const name = key as ToolName;
    const readOnlyHint = readers.includes(name);
    const destructiveHint = !readOnlyHint && !adders.includes(name);
    return [name, { readOnlyHint, destructiveHint, idempotentHint: readOnlyHint, openWorldHint: open.includes(name) }];
  });
  assert.deepEqual(said, Object.fromEntries(expected));
});

/** What a call may leave behind: that it was made, and what it needed while it ran. */
const records = /^runner\/(ledger\.sqlite3|audit\.(jsonl|head\.json|other\.json)|control\.sock|scratch\b|homes\b)/;

/** Every name, mode and content below the workspace and in the runner's state, the records of calls excepted. */
function trace(): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (base: string, folder: string) => {
    for (const name of readdirSync(folder).toSorted()) {
      const path = join(folder, name);
      const shown = relative(base, path);
      if (!records.test(shown)) found[shown] = stateOf(path);
      if (lstatSync(path).isDirectory() && !records.test(shown)) visit(base, path);
    }
  };
  visit(world.workspace, world.workspace);
  visit(world.home, join(world.home, "runner"));
  return found;
}

/** What is told of processes is left out: they end by themselves, also while a call is made that only reads. */
const apartFromProcesses = (traced: Record<string, string>) =>
  Object.fromEntries(Object.entries(traced).filter(([path]) => !/^runner\/(lanes\b|processes\.json)/.test(path)));

function stateOf(path: string): string {
  const { mode, size, mtimeMs } = lstatSync(path);
  const state = lstatSync(path);
  if (state.isSymbolicLink()) return readlinkSync(path);
  if (!state.isFile()) return `${mode}`;
  return `${mode} ${size} ${mtimeMs} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
}

const snapshotIsMade = async () => {
  const { data } = (await surfaces.rest("rewind", { action: "status" })).body;
  return data.status.snapshot === "ready";
};

test("what reads changes nothing, and what is said to change does", {
  ...needs("bwrap", "git"),
  timeout: 60_000,
}, async () => {
  await until(snapshotIsMade);
  const kept: Kept = {};
  const changed = new Set<string>();
  for (const row of rows) {
    const earlier = trace();
    const { body, run } = await surfaces.rest(row.tool, inputOf(row, kept));
    const now = trace();
    if (readers.includes(row.tool))
      assert.deepEqual(
        apartFromProcesses(now),
        apartFromProcesses(earlier),
        `${row.tool} ${JSON.stringify(row.input)}`,
      );
    else if (JSON.stringify(now) !== JSON.stringify(earlier)) changed.add(row.tool);
    for (const [name, path] of Object.entries(row.keep ?? {})) kept[name] = String(at(body.data, path));
    if (run) kept.run = run;
  }
  const changing = others().filter(({ effect }) => effect === "changes" || effect === "adds");
  assert.deepEqual(
    changing.map(({ name }) => name).filter((name) => !changed.has(name)),
    [],
  );
});

test("a token for reading is refused everything else, on both surfaces", needs("bwrap", "git"), async () => {
  assert.deepEqual(
    (await reader.tools()).map(({ name }) => name).filter((name) => !readers.includes(name as ToolName)),
    [],
  );
  for (const { name } of others()) {
    const { structuredContent, isError } = await reader.mcp(name, {});
    assert.deepEqual([isError, structuredContent?.data.code], [true, "readonly"], name);
    const { status, body } = await reader.rest(name, {});
    assert.deepEqual([status, body.data.code], [403, "readonly"], name);
  }
});

test("the address can narrow a token to reading, and never widen it", needs("bwrap", "git"), async () => {
  const names = (await surfaces.tools("?toolset=readonly")).map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => !readers.includes(name as ToolName)),
    [],
  );
  const call = (at: Surfaces, query: string) =>
    at.ask("tools/call", { name: "write_file", arguments: { path: "x", content: "x" } }, query);
  assert.equal((await call(surfaces, "?toolset=readonly")).structuredContent.data.code, "readonly");
  assert.equal((await call(reader, "?toolset=full"))?.structuredContent?.ok ?? false, false);
});

const told = { id: "tok_of_the_hub", name: "hub", surface: "mcp" as const, workspaces: [] };

test("a runner refuses what its caller may only read, whatever the hub sends", needs("bwrap", "git"), async () => {
  await using hub = await openScriptedHub(join(world.home, "runner", "control.sock"));
  const earlier = trace();
  for (const { name } of others().filter((tool) => !isHubToolName(tool.name))) {
    const answer = await hub.call(name, {}, { ...told, toolset: "readonly" });
    assert.deepEqual([answer.state, answer.code], ["refused", "readonly"], name);
  }
  const principal = { ...told, toolset: "full" as const };
  const hubTool = Object.keys(tools).find(isHubToolName) ?? "";
  assert.equal((await hub.call(hubTool, {}, principal)).code, "unknown_tool");
  const outside = await hub.call("list_directory", {}, principal, { workspace: "/etc" });
  assert.deepEqual([outside.state, outside.code], ["refused", "path_outside_roots"]);
  const bound = { ...principal, workspaces: [world.workspace] };
  const beside = await hub.call("list_directory", { path: "/etc" }, bound);
  assert.equal(beside.code, "path_outside_roots");
  assert.deepEqual(apartFromProcesses(trace()), apartFromProcesses(earlier));
});

test("a hub cannot answer the owner's questions", needs("bwrap", "git"), async () => {
  await using hub = await openScriptedHub(join(world.home, "runner", "control.sock"));
  const run = newId("run");
  const input = { command: "id", needs: { no_cage: true, reason: "because" } };
  const unanswered = assert.rejects(hub.call("run_command", input, { ...told, toolset: "full" }, { run }));
  const question = await hub.next("state", ({ approval }) => approval !== undefined);
  assert.deepEqual([question.run, question.state], [run, "waiting_approval"]);
  hub.send({ type: "state", run, state: "running", approval: question.approval });
  await hub.closed;
  await unanswered;
  const { questions } = JSON.parse(await world.paddock("approve", "--json"));
  assert.deepEqual(
    questions.map(({ id }: { id: string }) => id),
    [question.approval],
  );
  await world.paddock("approve", questions[0].id, "--deny");
});

test("on a machine whose profile is readonly nothing changes, whoever asks", needs("bwrap", "git"), async () => {
  await using still = await startWorld({ settings: { PADDOCK_PROFILE: "readonly" } });
  const full = surfacesOf(still, await still.token());
  const inputs = { write_file: { path: "x", content: "x" }, create_directory: { path: "d" }, remember: { note: "n" } };
  for (const [tool, input] of Object.entries(inputs)) {
    assert.equal((await full.rest(tool, input)).body.data.code, "readonly", tool);
  }
  const { body } = await full.rest("run_command", { command: "touch x || echo no" });
  assert.equal(body.data.stdout, "no\n");
  assert.deepEqual(readdirSync(still.workspace), []);
});
