/** However much there is, no answer is larger than was promised, each says that there is more, and the rest can be had. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { needs } from "../needs.ts";
import type { Envelope } from "../world/callers.ts";
import { until } from "../world/until.ts";
import { startWorld, type World } from "../world/world.ts";
import { type Surfaces, surfacesOf } from "./ground.ts";

const mebibyte = 1024 * 1024;
const mostBytes = 8 * mebibyte;
/** Of a text read without a range, and of what a command printed. */
const mostTextBytes = 1.1 * mebibyte;
const mostPrintedBytes = 100_000;

let world: World;
let at: Surfaces;

const long = (index: number) => `${String(index).padStart(5, "0")}-${"n".repeat(200)}`;

before(async () => {
  world = await startWorld();
  at = surfacesOf(world, await world.token());
  const path = (...names: string[]) => join(world.workspace, ...names);
  const git = (...args: string[]) => execFileSync("git", args, { cwd: path("changed"), env: world.environment });
  for (const name of ["many", "changed", "context"]) mkdirSync(path(name));
  for (let index = 0; index < 6000; index += 1) writeFileSync(path("many", long(index)), "needle\n");
  writeFileSync(path("lines.txt"), "a line of twenty by\n".repeat(mebibyte));
  writeFileSync(path("one-line.txt"), "needle ".repeat(2 * mebibyte));
  writeFileSync(path("bytes.bin"), Buffer.alloc(20 * mebibyte));
  for (let index = 0; index < 60; index += 1) {
    mkdirSync(path("context", `${index}`));
    writeFileSync(path("context", `${index}`, "README.md"), "r".repeat(250_000));
  }
  git("init", "--quiet");
  for (let index = 0; index < 200; index += 1) writeFileSync(path("changed", long(index)), "x\n".repeat(50_000));
  git("add", "--intent-to-add", ".");
});
after(() => world?.[Symbol.asyncDispose]());

interface Answer {
  bytes: number;
  data: Envelope["data"];
}

async function ask(tool: string, input: object): Promise<Answer> {
  const { body, bytes } = await at.rest(tool, input);
  assert.equal(body.ok, true, body.summary);
  assert.ok(bytes <= mostBytes, `${tool} answers with ${bytes} bytes`);
  return { bytes, data: body.data };
}

const bounded = needs("bwrap", "git");

test("text goes on at the line where it was cut", bounded, async () => {
  const { bytes, data } = await ask("read_text_file", { path: "lines.txt" });
  assert.deepEqual([data.truncated, bytes < mostTextBytes], [true, true]);
  const next = await ask("read_text_file", { path: "lines.txt", offset: data.next_offset, limit: 1 });
  assert.match(next.data.content, /a line of twenty by/);
  const all = await ask("read_text_file", { path: "lines.txt", limit: 100_000 });
  assert.deepEqual([all.data.truncated, all.data.next_offset - 1], [true, all.data.lines]);
});

test("a line without an end is cut too, and its rest is had as bytes", bounded, async () => {
  const { bytes, data } = await ask("read_text_file", { path: "one-line.txt" });
  assert.deepEqual([data.truncated, bytes < mostTextBytes], [true, true]);
  const rest = await ask("read_file_base64", { path: "one-line.txt", offset: 13 * mebibyte, length: 4 * mebibyte });
  assert.deepEqual([rest.data.bytes_read, rest.data.done], [mebibyte, true]);
});

test("bytes come in parts of 4 MiB at most", bounded, async () => {
  const { data } = await ask("read_file_base64", { path: "bytes.bin", length: 4 * mebibyte });
  assert.deepEqual([data.bytes_read, data.next_offset, data.done], [4 * mebibyte, 4 * mebibyte, false]);
  const { body } = await at.rest("read_file_base64", { path: "bytes.bin", length: 4 * mebibyte + 1 });
  assert.equal(body.data.code, "invalid_input");
});

test("a directory of thousands is listed in pages", bounded, async () => {
  const first = await ask("list_directory", { path: "many", limit: 5000 });
  assert.deepEqual([first.data.truncated, first.data.next_offset, first.data.count], [true, 5000, 6000]);
  const last = await ask("list_directory", { path: "many", limit: 5000, offset: 5000 });
  assert.deepEqual([last.data.entries.length, last.data.truncated, last.data.next_offset], [1000, false, null]);
  const tree = await ask("directory_tree", { path: "." });
  assert.equal(tree.data.truncated, true);
});

test("searches end at their limit and say so", bounded, async () => {
  const found = await ask("glob", { pattern: "*", path: "many", max_results: 500 });
  assert.deepEqual([found.data.count, found.data.truncated], [500, true]);
  for (const output_mode of ["content", "files_with_matches", "count"]) {
    const { data } = await ask("grep", { pattern: "needle", path: "many", head_limit: 1000, output_mode });
    assert.deepEqual([data.count, data.truncated], [1000, true], output_mode);
  }
  const line = await ask("grep", { pattern: "needle", path: "one-line.txt", context_around: 20 });
  assert.ok(line.bytes < mebibyte);
  const { results } = (await at.rest("search", { query: "needle" })).body as unknown as { results: unknown[] };
  assert.equal(results.length, 20);
});

test("what a command prints keeps its head and tail, and the rest is read by cursor", bounded, async () => {
  const command = "head -c 3000000 /dev/zero | tr '\\0' x; echo; seq 3 >&2";
  const { bytes, data } = await ask("run_command", { command });
  assert.deepEqual([data.truncated, data.stderr, bytes < mostPrintedBytes + 2000], [true, "1\n2\n3\n", true]);
  let [read, cursor, more] = [0, "0.0", true];
  while (more) {
    const { data: part } = await ask("process_output", { id: data.process_id, cursor, max_bytes: 1_000_000 });
    read += part.skipped.stdout + part.stdout.length;
    ({ cursor, more } = part);
  }
  assert.equal(read, 3_000_001);
});

test("instruction files are cut one by one and altogether", bounded, async () => {
  const input = { path: "context", max_files: 200, max_bytes_per_file: 200_000 };
  const { data } = await ask("project_context", input);
  const cut = data.files.every(({ truncated }: { truncated: boolean }) => truncated);
  assert.deepEqual([cut, data.truncated || data.count === 60], [true, true]);
});

test("git's answers are cut and go on", bounded, async () => {
  const status = await ask("git_status", { path: "changed" });
  assert.equal(status.data.files.length, 200);
  const first = await ask("git_diff", { path: "changed" });
  assert.deepEqual([first.data.truncated, first.data.next_offset > 0], [true, true]);
  const next = await ask("git_diff", { path: "changed", offset: first.data.next_offset });
  assert.equal(first.data.diff.endsWith("\n") || next.data.diff.length > 0, true);
});

test("a diff of a large change is cut, the change is not", bounded, async () => {
  const content = "b\n".repeat(2_000_000);
  await ask("write_file", { path: "large.txt", content: "a\n".repeat(2_000_000) });
  const { data } = await ask("write_file", { path: "large.txt", content });
  assert.deepEqual([data.bytes, data.diff === undefined || data.diff_truncated], [content.length, true]);
  const preview = await ask("rewind", { action: "preview", checkpoint_id: data.checkpoint_id });
  assert.equal(preview.data.restored.length, 1);
});

test("what undo would do and did is listed up to a limit, and done whole", bounded, async () => {
  const command = "mkdir made && (cd made && touch $(seq 600))";
  const { made, preview } = await until(async () => {
    await ask("run_command", { command: "rm -rf made" });
    const { data: made } = await ask("run_command", { command });
    const preview = await ask("rewind", { action: "preview", checkpoint_id: made.checkpoint_id });
    // On a busy machine the snapshot may come too late, and is tried again.
    return preview.data.deleted.length > 0 && { made, preview };
  });
  assert.deepEqual([preview.data.deleted.length, preview.data.truncated], [500, true]);
  const restored = await ask("rewind", { action: "restore", checkpoint_id: made.checkpoint_id });
  assert.deepEqual([restored.data.deleted.length, restored.data.truncated], [500, true]);
  assert.equal((await at.rest("list_directory", { path: "made" })).body.data.code, "path_not_found");
});

test("a patch of hundreds of files shows as much as fits and changes all of them", bounded, async () => {
  const add = (index: number) => `*** Add File: patched/${index}.txt\n${"+a line\n".repeat(1000)}`;
  const patch = `*** Begin Patch\n${Array.from({ length: 400 }, (_, index) => add(index)).join("")}*** End Patch`;
  const { data } = await ask("apply_patch", { patch });
  assert.equal(data.files.length, 400);
  assert.equal(
    data.files.every(({ diff, diff_truncated }: { diff: string; diff_truncated: boolean }) => diff || diff_truncated),
    true,
  );
  assert.equal((await ask("list_directory", { path: "patched" })).data.count, 400);
});
