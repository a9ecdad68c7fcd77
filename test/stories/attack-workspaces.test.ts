/** A token for one of two workspaces: what its agent tries to learn of the other, by every tool that could tell. */
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { needs } from "../needs.ts";
import type { Envelope } from "../world/callers.ts";
import { startWorld, type World } from "../world/world.ts";

const secret = "only-for-the-other-workspace";
let world: World;
let other: string;
let mine: string;
let token: string;

before(async () => {
  world = await startWorld();
  other = world.workspace;
  mine = join(world.workspace, "..", "mine");
  mkdirSync(mine);
  for (const name of ["AGENTS.md", "secret.md"]) writeFileSync(join(other, name), secret);
  await world.paddock("root", "add", mine);
  token = await world.token({ workspace: mine });
  writeFileSync(join(mine, "AGENTS.md"), `@${other}/secret.md @../work/secret.md`);
  symlinkSync(join(other, "secret.md"), join(mine, "link.md"));
  symlinkSync(other, join(mine, "folder"));
});
after(() => world[Symbol.asyncDispose]());

const send = (path: string, body: object) =>
  fetch(`${world.address}${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify(body),
  });

/** Arguments of calls; whatever is answered, it tells nothing of the other workspace. */
const attempts: readonly (readonly [tool: string, input: (other: string) => object])[] = [
  ["agent_status", () => ({})],
  ["list_machines", () => ({})],
  ["project_context", () => ({})],
  ["project_context", (there) => ({ path: there })],
  ["read_text_file", (there) => ({ path: join(there, "secret.md") })],
  ["read_text_file", () => ({ path: "link.md" })],
  ["read_text_file", () => ({ path: "folder/secret.md" })],
  ["grep", (there) => ({ pattern: "only", path: there })],
  ["grep", () => ({ pattern: "only", path: "folder", include_hidden: true, include_ignored: true })],
  ["grep", (there) => ({ pattern: "only", glob: `${there}/**` })],
  ["glob", (there) => ({ pattern: `${there}/*` })],
  ["list_directory", () => ({ path: "folder" })],
  ["directory_tree", () => ({ path: "folder" })],
  ["search", () => ({ query: "only-for-the-other-workspace" })],
  ["fetch", (there) => ({ id: join(there, "secret.md") })],
  ["copy_file", (there) => ({ source: join(there, "secret.md"), destination: "copied" })],
  ["run_command", (there) => ({ command: `cat ${there}/secret.md folder/secret.md link.md; ls ${there}` })],
  ["run_command", (there) => ({ command: "cat secret.md", working_directory: there })],
  ["start_process", (there) => ({ command: "cat secret.md", working_directory: there })],
  ["git_status", (there) => ({ path: there })],
  ["rewind", () => ({ action: "list" })],
];

test("no tool tells a token of one workspace what stands in another", needs("bwrap", "git"), async () => {
  const told: string[] = [];
  for (const [tool, input] of attempts) {
    const answer = (await (await send(`/api/v1/tools/${tool}`, input(other))).json()) as Envelope;
    assert.notEqual(answer.data?.code, "unknown_tool", tool);
    const isTold = JSON.stringify(answer).includes(secret);
    if (isTold) told.push(tool);
  }
  assert.deepEqual(told, []);
});

test("a token of one workspace is told the instructions of no other, and no other's path", async () => {
  const info = { capabilities: {}, clientInfo: { name: "attack", version: "1" } };
  const params = { protocolVersion: "2025-11-25", ...info };
  const initialize = await send("/mcp", { jsonrpc: "2.0", id: 1, method: "initialize", params });
  const { result } = (await initialize.json()) as { result: { instructions: string } };
  assert.match(result.instructions, new RegExp(`^Paddock: [^]*\\n\\nWorkspace: ${mine.replaceAll(".", "\\.")}$`));
  const { data } = (await (await send("/api/v1/tools/list_machines", {})).json()) as Envelope;
  const [machine] = data.machines;
  assert.deepEqual([machine.workspace, machine.roots], [null, [{ path: mine, write: true }]]);
});

test("another workspace cannot be named, neither in the address nor by a call", async () => {
  const named = await send(`/api/v1/tools/agent_status?workspace=${encodeURIComponent(other)}`, {});
  assert.equal(named.status, 403);
});
