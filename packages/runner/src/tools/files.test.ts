/** The file tools as a caller sees them: answers that fit their schemas, and what can be undone. */
import assert from "node:assert/strict";
import { chmodSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tools } from "@paddock/contract/tools";
import * as z from "zod";
import { openCheckpoints } from "../checkpoints/open-checkpoints.ts";
import { revisionOf } from "../files/revision.ts";
import { codeOf, picture } from "../files/tree.fixture.ts";
import type { FileParts } from "./file-parts.ts";
import { fileHandlers } from "./files.ts";
import type { Call, Outcome } from "./handler.ts";
import { makePlace, type TestPlace } from "./place.fixture.ts";

type FileTool = keyof ReturnType<typeof fileHandlers>;

/** Calls a tool as the gate does: input parsed, output held against the declared schema. */
function caller(place: TestPlace, parts: Partial<FileParts> = {}, changes: Partial<Call> = {}) {
  const handlers = fileHandlers({ checkpoints: place.checkpoints, afterEdit: async () => [], ...parts });
  return async (tool: FileTool, input: object): Promise<Outcome<Record<string, unknown>>> => {
    const run = handlers[tool].run as (input: unknown, call: Call) => Promise<Outcome<Record<string, unknown>>>;
    const outcome = await run(tools[tool].input.parse(input), place.call({ tool, ...changes }));
    const output = z.strictObject((tools[tool].output as z.ZodObject).shape);
    output.parse(outcome.data);
    return outcome;
  };
}

test("reading answers with content, numbered ranges and images", async () => {
  await using place = makePlace();
  place.write({ "a.txt": "one\ntwo\nthree\n" });
  const png = Buffer.from("89504e470d0a1a0a00", "hex");
  writeFileSync(join(place.workspace, "a.png"), png);
  const call = caller(place);
  const path = join(place.workspace, "a.txt");
  assert.deepEqual((await call("read_text_file", { path: "a.txt" })).data, {
    path,
    content: "one\ntwo\nthree\n",
    size: 14,
    truncated: false,
    next_offset: null,
    revision: revisionOf("one\ntwo\nthree\n"),
  });
  assert.deepEqual((await call("read_text_file", { path, offset: 2, limit: 1 })).data, {
    path,
    content: "     2|two\n",
    size: 14,
    lines: 1,
    truncated: true,
    next_offset: 3,
    revision: revisionOf("one\ntwo\nthree\n"),
  });
  const image = await call("read_text_file", { path: "a.png" });
  assert.deepEqual(image.content, [{ type: "image", data: png.toString("base64"), mimeType: "image/png" }]);
  assert.equal(image.data.content, "");
});

test("a large text is passed on as JSON, with the revision that a small one would have", async () => {
  await using place = makePlace();
  const text = 'a "line" of text\n'.repeat(10_000);
  place.write({ "large.txt": text });
  const { data, text: passedOn } = await caller(place)("read_text_file", { path: "large.txt" });
  assert.ok(passedOn);
  const { buffer, start, end } = passedOn.json;
  assert.deepEqual(data, {
    path: join(place.workspace, "large.txt"),
    content: "",
    size: text.length,
    truncated: false,
    next_offset: null,
    revision: revisionOf(text),
  });
  assert.equal(passedOn.field, "content");
  assert.equal(JSON.parse(`"${buffer.toString("utf8", start, end)}"`), text);
});

test("bytes are written in parts and read in parts", async () => {
  await using place = makePlace();
  const call = caller(place);
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
  await call("write_file_base64", { path: "b/in", content: bytes.subarray(0, 100).toString("base64") });
  const added = await call("write_file_base64", {
    path: "b/in",
    content: bytes.subarray(100).toString("base64"),
    append: true,
  });
  assert.deepEqual([added.data.bytes, added.data.size, added.data.created], [156, 256, false]);
  const parts: Buffer[] = [];
  for (let offset: unknown = 0; offset !== null; ) {
    const { data } = await call("read_file_base64", { path: "b/in", offset, length: 100 });
    parts.push(Buffer.from(String(data.content), "base64"));
    offset = data.next_offset;
  }
  assert.ok(Buffer.concat(parts).equals(bytes));
  assert.equal((await call("read_file_base64", { path: "b/in", offset: 999 })).data.bytes_read, 0);
  assert.equal(tools.write_file_base64.input.safeParse({ path: "b", content: "no base64!" }).success, false);
});

test("writing says what was created or replaced, and hooks join the answer", async () => {
  await using place = makePlace();
  const hook = { glob: "*", command: "fmt", exit_code: 0, output: "done", timed_out: false };
  const call = caller(place);
  const created = (await call("write_file", { path: "n/f.txt", content: "a\n" })).data;
  assert.deepEqual([created.created, created.diff, created.bytes], [true, undefined, 2]);
  const format: FileParts["afterEdit"] = async (_, [path = ""]) => {
    writeFileSync(path, "B\n");
    return [hook];
  };
  const formatted = await caller(place, { afterEdit: format })("write_file", {
    path: "n/f.txt",
    content: "b\n",
    expected_revision: created.revision,
  });
  assert.equal(formatted.data.diff, "--- a/n/f.txt\n+++ b/n/f.txt\n@@ -1 +1 @@\n-a\n+b\n");
  assert.deepEqual(formatted.data.post_edit_hooks, [hook]);
  const read = await call("read_text_file", { path: "n/f.txt" });
  assert.deepEqual([read.data.content, read.data.revision], ["B\n", formatted.data.revision]);
  const stale = { path: "n/f.txt", content: "c\n", expected_revision: created.revision };
  assert.equal(await codeOf(() => call("write_file", stale)), "changed_meanwhile");
});

test("directories are listed in pages and shown as a tree, with globs left out", async () => {
  await using place = makePlace();
  place.write({ "a.txt": "1", "b.log": "22", ".env": "", "dir/x/y/z.txt": "", "node_modules/m.js": "" });
  const call = caller(place);
  const page = (await call("list_directory", { ignore: ["*.log"], limit: 2 })).data;
  const names = (data: Record<string, unknown>) => (data.entries as { name: string }[]).map(({ name }) => name);
  assert.deepEqual([names(page), page.count, page.next_offset], [[".env", "a.txt"], 4, 2]);
  const rest = (await call("list_directory", { ignore: ["*.log"], offset: 2 })).data;
  assert.deepEqual([names(rest), rest.next_offset], [["dir", "node_modules"], null]);
  const tree = (await call("directory_tree", { max_depth: 2, ignore: ["*.log"] })).data;
  assert.deepEqual(tree.tree, {
    name: "work",
    type: "directory",
    children: [
      { name: "a.txt", type: "file" },
      { name: "dir", type: "directory", children: [{ name: "x", type: "directory", truncated: true }] },
    ],
  });
  assert.equal(tree.truncated, true);
});

test("changes are refused before anything is kept for undo", async () => {
  await using place = makePlace();
  place.write({ file: "f", "dir/in": "i" });
  const call = caller(place);
  const rows: [FileTool, object, string][] = [
    ["write_file", { path: "dir", content: "" }, "not_a_file"],
    ["write_file", { path: ".git/config", content: "" }, "denied"],
    ["write_file", { path: "../x", content: "" }, "path_outside_roots"],
    ["copy_file", { source: "file", destination: "dir/in" }, "path_exists"],
    ["copy_file", { source: "none", destination: "x" }, "path_not_found"],
    ["move_file", { source: "file", destination: "dir/in" }, "path_exists"],
    ["move_file", { source: "none", destination: "x" }, "path_not_found"],
    ["move_file", { source: "file", destination: "/etc/x" }, "path_outside_roots"],
    ["delete_file", { path: "dir" }, "not_a_file"],
    ["delete_file", { path: "none" }, "path_not_found"],
    ["delete_directory", { path: "dir" }, "directory_not_empty"],
    ["delete_directory", { path: "file", recursive: true }, "not_a_directory"],
    ["delete_directory", { path: ".", recursive: true }, "denied"],
    ["create_directory", { path: "file/x" }, "not_a_directory"],
  ];
  for (const [tool, input, code] of rows)
    assert.equal(await codeOf(() => call(tool, input)), code, `${tool} ${JSON.stringify(input)}`);
  assert.deepEqual(place.checkpoints.asked, []);
  assert.deepEqual(picture(place.workspace), { "dir/in": "i", file: "f" });
});

test("what was overwritten, moved and deleted comes back from its checkpoint", async () => {
  await using place = makePlace();
  const before = { "dir/deep/x.txt": "x", "file.txt": "old", "gone/x": "g", link: "-> file.txt", "other.txt": "o" };
  place.write({ "dir/deep/x.txt": "x", "file.txt": "old", "gone/x": "g", "other.txt": "o" });
  symlinkSync("file.txt", join(place.workspace, "link"));
  chmodSync(join(place.workspace, "file.txt"), 0o755);
  const checkpoints = openCheckpoints({
    folder: join(place.state, "checkpoints"),
    cages: await place.cages(),
    enabled: true,
    maxCount: 100,
    maxBytes: 1_000_000,
    maxDays: 1,
    maxFileBytes: 1_000_000,
    log: { warn: () => undefined },
  });
  const call = caller(place, { checkpoints });
  const steps: [FileTool, object][] = [
    ["write_file", { path: "link", content: "through the link" }],
    ["move_file", { source: "dir", destination: "moved" }],
    ["copy_file", { source: "file.txt", destination: "other.txt", overwrite: true }],
    ["delete_file", { path: "link" }],
    ["delete_directory", { path: "gone", recursive: true }],
  ];
  const ids: unknown[] = [];
  for (const [tool, input] of steps) ids.push((await call(tool, input)).data.checkpoint_id);
  assert.deepEqual(picture(place.workspace), {
    "file.txt": "through the link",
    "moved/deep/x.txt": "x",
    "other.txt": "through the link",
  });
  await checkpoints.restore(place.call(), ids[0] as Parameters<typeof checkpoints.restore>[1]);
  await checkpoints.close();
  assert.deepEqual(picture(place.workspace), before);
  assert.equal(statSync(join(place.workspace, "file.txt")).mode & 0o777, 0o755);
});

test("files of many megabytes are read without being held", async () => {
  await using place = makePlace();
  place.write({ large: "first\n" });
  truncateSync(join(place.workspace, "large"), 3_000_000_000);
  const call = caller(place);
  assert.equal((await call("read_text_file", { path: "large", head: 1 })).data.content, "first\n");
  assert.equal(await codeOf(() => call("read_text_file", { path: "large", offset: 2 })), "binary_file");
  assert.equal((await call("read_file_base64", { path: "large", offset: 2_999_999_990 })).data.bytes_read, 10);
  assert.ok(process.memoryUsage().rss < 400_000_000);
});

test("the allowed directories are those of the call", async () => {
  await using place = makePlace();
  const { data } = await caller(place)("list_allowed_directories", {});
  const roots = [{ path: place.workspace, write: true }];
  assert.deepEqual(data, { profile: "workspace", workspace: place.workspace, roots });
});
