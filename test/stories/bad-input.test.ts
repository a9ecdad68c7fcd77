/**
 * Whatever comes in, the answer names a stable code and a next step, the workspace is as it was, and the next call works.
 * One table; each row runs against the same real hub and runner.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { errors } from "@paddock/contract";
import { needs } from "../needs.ts";
import type { Envelope } from "../world/callers.ts";
import { until } from "../world/until.ts";
import { startWorld, type World } from "../world/world.ts";

interface Row {
  name: string;
  tool?: string;
  input?: Record<string, unknown>;
  /** In the place of a tool and its input: what is sent, as it is. */
  send?: (raw: Raw) => Promise<Response>;
  /** The failure's code, or what a success has to look like. */
  answer: string | ((envelope: Envelope) => void);
  status?: number;
}

type Raw = (path: string, body: string | Uint8Array, headers?: Record<string, string>) => Promise<Response>;

const runs =
  (expected: Record<string, unknown>) =>
  ({ ok, data }: Envelope) =>
    assert.deepEqual(
      { ok, ...Object.fromEntries(Object.keys(expected).map((key) => [key, data[key]])) },
      { ok: true, ...expected },
    );

const patchOf = (body: string) => `*** Begin Patch\n*** Update File: code.txt\n${body}*** End Patch`;
const rpc = (body: object) => JSON.stringify({ jsonrpc: "2.0", id: 1, ...body });

const rows: readonly Row[] = [
  // The request itself.
  { name: "an unknown tool", tool: "rm_rf", input: {}, answer: "unknown_tool" },
  { name: "a wrong type", tool: "read_text_file", input: { path: 7 }, answer: "invalid_input" },
  { name: "a missing field", tool: "write_file", input: { path: "a" }, answer: "invalid_input" },
  {
    name: "invalid JSON",
    send: (raw) => raw("/api/v1/tools/glob", '{"pattern":'),
    answer: "invalid_json",
    status: 400,
  },
  {
    name: "a body of 50 MB",
    send: (raw) => raw("/api/v1/tools/glob", new Uint8Array(50e6)),
    answer: "too_large",
    status: 413,
  },
  {
    name: "a body of 50 MB over MCP",
    send: (raw) => raw("/mcp", new Uint8Array(50e6)),
    answer: "too_large",
    status: 413,
  },
  { name: "no such address", send: (raw) => raw("/api/v1/nothing", "{}"), answer: "not_found", status: 404 },
  {
    name: "no token",
    send: (raw) => raw("/api/v1/tools/glob", "{}", { authorization: "" }),
    answer: "unauthorized",
    status: 401,
  },
  {
    name: "a wrong token",
    send: (raw) => raw("/mcp", rpc({ method: "tools/list" }), { authorization: "Bearer pad_no" }),
    answer: "unauthorized",
    status: 401,
  },
  {
    name: "a page of another site",
    send: (raw) => raw("/api/v1/tools/glob", "{}", { origin: "https://evil.example" }),
    answer: "wrong_origin",
    status: 403,
  },
  // Paths.
  { name: "a NUL in a path", tool: "read_text_file", input: { path: "a\0b" }, answer: "invalid_input" },
  { name: "a path with ..", tool: "read_text_file", input: { path: "../outside.txt" }, answer: "path_outside_roots" },
  {
    name: "an absolute path outside",
    tool: "read_text_file",
    input: { path: "/etc/hostname" },
    answer: "path_outside_roots",
  },
  { name: "a symbolic link out", tool: "read_text_file", input: { path: "out" }, answer: "path_outside_roots" },
  { name: "a chain of links out", tool: "read_text_file", input: { path: "chain" }, answer: "path_outside_roots" },
  {
    name: "a link out as a parent",
    tool: "write_file",
    input: { path: "outdir/x", content: "x" },
    answer: "path_outside_roots",
  },
  {
    name: "a dangling link as target",
    tool: "write_file",
    input: { path: "dangling", content: "x" },
    answer: "path_outside_roots",
  },
  {
    name: "a patch that leads out",
    tool: "apply_patch",
    input: { patch: "*** Begin Patch\n*** Add File: ../x\n+x\n*** End Patch" },
    answer: "path_outside_roots",
  },
  {
    name: "a move that leads out",
    tool: "move_file",
    input: { source: "code.txt", destination: "/tmp/stolen" },
    answer: "path_outside_roots",
  },
  { name: "Paddock's own state", tool: "list_directory", input: { path: "../state" }, answer: "denied" },
  { name: "git's hooks", tool: "write_file", input: { path: ".git/hooks/pre-commit", content: "x" }, answer: "denied" },
  {
    name: "a path of 300 bytes a part",
    tool: "read_text_file",
    input: { path: "x".repeat(300) },
    answer: "invalid_path",
  },
  {
    name: "a directory where a file is expected",
    tool: "read_text_file",
    input: { path: "dir" },
    answer: "not_a_file",
  },
  {
    name: "a file that is not there",
    tool: "read_text_file",
    input: { path: "nothing.txt" },
    answer: "path_not_found",
  },
  // Contents.
  { name: "binary where text is expected", tool: "read_text_file", input: { path: "binary" }, answer: "binary_file" },
  {
    name: "old text that is not there",
    tool: "edit_file",
    input: { path: "code.txt", old_text: "nowhere", new_text: "x" },
    answer: "text_not_found",
  },
  {
    name: "old text that is there twice",
    tool: "edit_file",
    input: { path: "code.txt", old_text: "same", new_text: "x" },
    answer: "text_ambiguous",
  },
  {
    name: "a stale revision",
    tool: "edit_file",
    input: { path: "code.txt", old_text: "one", new_text: "x", expected_revision: "0123456789abcdef" },
    answer: "changed_meanwhile",
  },
  {
    name: "a patch whose context is gone",
    tool: "apply_patch",
    input: { patch: patchOf("@@\n-gone\n+x\n") },
    answer: "patch_mismatch",
  },
  { name: "a patch that is none", tool: "apply_patch", input: { patch: "please change it" }, answer: "invalid_patch" },
  {
    name: "a pattern with a look-behind",
    tool: "replace_regex",
    input: { path: "code.txt", pattern: "(?<=a)b", replacement: "x" },
    answer: "invalid_pattern",
  },
  {
    name: "a pattern that backtracks for ever",
    tool: "replace_regex",
    input: { path: "as.txt", pattern: "(a+)+$", replacement: "x", dry_run: true },
    answer: "text_not_found",
  },
  { name: "a search that backtracks for ever", tool: "grep", input: { pattern: "(a+)+b" }, answer: runs({ count: 0 }) },
  { name: "a git revision that is an option", tool: "git_reset", input: { ref: "--hard" }, answer: "invalid_input" },
  { name: "an unknown run", tool: "get_run", input: { id: `run_${"0".repeat(26)}` }, answer: "run_not_found" },
  {
    name: "an unknown process",
    tool: "process_output",
    input: { id: `prc_${"0".repeat(26)}` },
    answer: "process_not_found",
  },
  {
    name: "an unknown checkpoint",
    tool: "rewind",
    input: { action: "restore", checkpoint_id: `cp_${"0".repeat(26)}` },
    answer: "checkpoint_not_found",
  },
  // Commands.
  {
    name: "a command that prints 1 GB",
    tool: "run_command",
    input: { command: "head -c 1000000000 /dev/zero | tr '\\0' x", timeout_seconds: 60 },
    answer: runs({ exit_code: 0, truncated: true }),
  },
  {
    name: "a command that ignores SIGTERM",
    tool: "run_command",
    input: { command: "trap '' TERM INT; while :; do sleep 0.1; done", timeout_seconds: 1 },
    answer: runs({ timed_out: true }),
  },
  {
    name: "a command that closes its output",
    tool: "run_command",
    input: { command: "exec >&- 2>&-; true" },
    answer: ({ ok }) => assert.equal(ok, true),
  },
  {
    name: "a command that waits for input",
    tool: "run_command",
    input: { command: "read -r line; echo got:$line" },
    answer: runs({ stdout: "got:\n" }),
  },
  {
    name: "a command that wants a terminal",
    tool: "run_command",
    input: { command: "cat < /dev/tty || echo none" },
    answer: runs({ stdout: "none\n" }),
  },
  {
    name: "an unbalanced quote",
    tool: "run_command",
    input: { command: "echo 'open" },
    answer: ({ ok, data }) => assert.equal(ok && data.exit_code !== 0, true),
  },
  {
    name: "a shell that ends itself",
    tool: "run_command",
    input: { command: "exit 7" },
    answer: ({ ok }) => assert.equal(ok, true),
  },
  // Last, as what it leaves behind takes a moment to be ended.
  {
    name: "forks without end",
    tool: "run_command",
    input: { command: ":(){ :|:& };:", timeout_seconds: 3 },
    answer: ({ ok }) => assert.equal(typeof ok, "boolean"),
  },
];

let world: World;
let token = "";

before(async () => {
  world = await startWorld();
  token = await world.token();
  const at = (name: string) => join(world.workspace, name);
  writeFileSync(join(world.workspace, "..", "outside.txt"), "secret");
  mkdirSync(at("dir"));
  mkdirSync(at(".git/hooks"), { recursive: true });
  writeFileSync(at(".git/config"), "");
  writeFileSync(at("code.txt"), "one\nsame\nsame\n");
  writeFileSync(at("binary"), Uint8Array.of(0, 255, 1, 2));
  writeFileSync(at("as.txt"), `${"a".repeat(60_000)}!`);
  symlinkSync("../outside.txt", at("out"));
  symlinkSync("out", at("chain"));
  symlinkSync("..", at("outdir"));
  symlinkSync("../made-by-a-link", at("dangling"));
});
after(() => world?.[Symbol.asyncDispose]());

const raw: Raw = (path, body, headers = {}) =>
  fetch(`${world.address}${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    body: body as string,
  });

/** The answer, waited for beyond the time that one request has. */
async function call(tool: string, input: object): Promise<Envelope> {
  const answer = (await (await raw(`/api/v1/tools/${tool}`, JSON.stringify(input))).json()) as Envelope;
  const { run_id: id, state } = answer.data;
  if (!answer.ok || id === undefined || state !== "running") return answer;
  return call("get_run", { id, wait_seconds: 30 });
}

/** Hash of every name, link and content below the workspace and beside it. */
function treeHash(): string {
  const hash = createHash("sha256");
  const visit = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      hash.update(`${path}\0`);
      if (entry.isDirectory()) visit(path);
      else hash.update(entry.isSymbolicLink() ? readlinkSync(path) : readFileSync(path));
    }
  };
  visit(world.workspace);
  hash.update(readdirSync(join(world.workspace, "..")).toSorted().join("\0"));
  return hash.digest("hex");
}

async function check({ tool = "", input = {}, send, answer, status }: Row): Promise<void> {
  if (send) {
    const response = await send(raw);
    assert.equal(response.status, status);
    const { error } = (await response.json()) as { error: { code: string; nextStep: string } };
    assert.equal(error.code, answer);
    return assert.notEqual(error.nextStep, "");
  }
  const envelope = await call(tool, input);
  if (typeof answer !== "string") return answer(envelope);
  assert.deepEqual([envelope.ok, envelope.data?.code], [false, answer], envelope.summary);
  assert.equal(answer in errors, true);
  assert.notEqual(envelope.data.next_step, "");
}

for (const row of rows) {
  test(`${row.name}: says so, changes nothing, and the next call works`, {
    ...needs("bwrap", "git"),
    timeout: 90_000,
  }, async () => {
    const tree = treeHash();
    await check(row);
    assert.equal(treeHash(), tree);
    const next = await call("read_text_file", { path: "code.txt" });
    assert.deepEqual([next.ok, next.data.content], [true, "one\nsame\nsame\n"]);
    if (row.tool === "run_command") {
      assert.equal((await call("run_command", { command: "echo alive" })).data.stdout, "alive\n");
      // What forks without end in the background is gone soon, and programs can be started again.
      await until(() => call("run_command", { command: "ls -d ." }).then(({ data }) => data.exit_code === 0));
    }
  });
}

test("1,000 MCP sessions opened and never closed leave the hub as it was", needs("bwrap"), async () => {
  const open = async () => {
    const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "t", version: "1" } };
    const response = await raw("/mcp", rpc({ method: "initialize", params }));
    assert.equal(response.status, 200);
    await response.arrayBuffer();
  };
  await open();
  const memory = async () => {
    const { hub } = await world.pids();
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${hub}/status`, "utf8"))?.[1]);
  };
  const before = await memory();
  for (let batch = 0; batch < 50; batch += 1) await Promise.all(Array.from({ length: 20 }, open));
  assert.equal((await memory()) - before < 64 * 1024, true);
  assert.equal((await call("read_text_file", { path: "code.txt" })).ok, true);
});
