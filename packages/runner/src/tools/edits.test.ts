import assert from "node:assert/strict";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PaddockError } from "@paddock/contract";
import { tools } from "@paddock/contract/tools";
import type { AfterEdit } from "../edits/after-edit.ts";
import { defaultEditLimits } from "../edits/source.ts";
import { revisionOf } from "../files/revision.ts";
import { editHandlers } from "./edits.ts";
import { makePlace, type TestPlace } from "./place.fixture.ts";

type FileEdit = "edit_file" | "multi_edit" | "replace_regex";
const off = ["Nothing of what this replaced was kept for rewind."];

/** Calls a tool as the gate does, and checks its answer against the declaration. */
async function call(place: TestPlace, tool: FileEdit, input: object, afterEdit: AfterEdit = async () => []) {
  const handlers = editHandlers({ checkpoints: place.checkpoints, afterEdit, limits: defaultEditLimits });
  const parsed = tools[tool].input.parse(input);
  const { summary, data } = await handlers[tool].run(parsed as never, place.call({ tool }));
  assert.deepEqual(tools[tool].output.parse(data), data);
  return { summary: summary.replaceAll(place.workspace, "."), data: data as Record<string, unknown> };
}

const content = (place: TestPlace, path: string): string => readFileSync(join(place.workspace, path), "utf8");

test("edit_file changes the file and shows diff, revision and match", async () => {
  await using place = makePlace();
  place.write({ "src/a.ts": "one\ntwo\nthree\n" });
  const answer = await call(place, "edit_file", { path: "src/a.ts", old_text: "two", new_text: "$& 2" });
  assert.equal(content(place, "src/a.ts"), "one\n$& 2\nthree\n");
  assert.deepEqual(answer, {
    summary: "Edited ./src/a.ts: +1 -1 lines",
    data: {
      path: join(place.workspace, "src/a.ts"),
      diff: "--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,3 +1,3 @@\n one\n-two\n+$& 2\n three\n",
      diff_truncated: false,
      replacements: 1,
      revision: revisionOf("one\n$& 2\nthree\n"),
      dry_run: false,
      checkpoint_id: null,
      warnings: off,
      match: "exact",
    },
  });
  assert.deepEqual(place.checkpoints.asked, [`edit_file ${join(place.workspace, "src/a.ts")}`]);
});

test("a dry run shows the same and changes and keeps nothing", async () => {
  await using place = makePlace();
  place.write({ a: "one\n" });
  const { summary, data } = await call(place, "edit_file", {
    path: "a",
    old_text: "one",
    new_text: "1",
    dry_run: true,
  });
  assert.deepEqual(
    [summary, data.dry_run, data.diff, data.warnings],
    ["Would edit ./a: +1 -1 lines", true, "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-one\n+1\n", []],
  );
  assert.equal(content(place, "a"), "one\n");
  assert.deepEqual(place.checkpoints.asked, []);
});

test("multi_edit makes its edits in order, each on the result of those before", async () => {
  await using place = makePlace();
  place.write({ a: "a\r\nb\r\n" });
  const edits = [
    { old_text: "a", new_text: "b" },
    { old_text: "b", new_text: "c", replace_all: true },
    { old_text: "c\nc", new_text: "x\ny\nz" },
  ];
  const { data } = await call(place, "multi_edit", { path: "a", edits });
  assert.equal(content(place, "a"), "x\r\ny\r\nz\r\n");
  assert.deepEqual([data.replacements, data.edits, data.match], [4, 3, "line_endings"]);
});

test("multi_edit changes nothing when one edit fails, and says which", async () => {
  await using place = makePlace();
  place.write({ a: "one\ntwo\n" });
  const edits = [
    { old_text: "one", new_text: "1" },
    { old_text: "three", new_text: "3" },
  ];
  await assert.rejects(call(place, "multi_edit", { path: "a", edits }), {
    code: "text_not_found",
    message: /^Edit 2 of 2: The old text is not in /,
  });
  assert.equal(content(place, "a"), "one\ntwo\n");
});

test("replace_regex replaces with groups and counts", async () => {
  await using place = makePlace();
  place.write({ a: "x = 1\ny = 2\n" });
  const { data } = await call(place, "replace_regex", {
    path: "a",
    pattern: "^(\\w) = (\\d)$",
    replacement: "$2 = $1",
    flags: "gm",
  });
  assert.equal(content(place, "a"), "1 = x\n2 = y\n");
  assert.equal(data.replacements, 2);
});

test("a byte order mark and the file's mode stay", async () => {
  await using place = makePlace();
  writeFileSync(join(place.workspace, "a"), "\uFEFFone\r\n", { mode: 0o700 });
  await call(place, "edit_file", { path: "a", old_text: "one", new_text: "two" });
  assert.equal(content(place, "a"), "\uFEFFtwo\r\n");
});

test("hooks that ran join the answer, and the revision is that of what they left", async () => {
  await using place = makePlace();
  place.write({ a: "one\n" });
  const hook = { glob: "*", command: "fmt", exit_code: 0, output: "formatted", timed_out: false };
  const { data } = await call(
    place,
    "edit_file",
    { path: "a", old_text: "one", new_text: "1" },
    async (_, [path = ""]) => {
      writeFileSync(path, "formatted\n");
      return [hook];
    },
  );
  assert.deepEqual([data.post_edit_hooks, data.revision], [[hook], revisionOf("formatted\n")]);
});

test("a file through a link inside of the workspace is edited, the link stays", async () => {
  await using place = makePlace();
  place.write({ "real/a": "one\n" });
  symlinkSync("real/a", join(place.workspace, "link"));
  await call(place, "edit_file", { path: "link", old_text: "one", new_text: "two" });
  assert.equal(content(place, "real/a"), "two\n");
});

const edit = { old_text: "one", new_text: "two" };
const refusals: { what: string; tool?: FileEdit; input: object; code: string; message?: RegExp; nextStep?: RegExp }[] =
  [
    { what: "a path outside of the roots", input: { path: "../x", ...edit }, code: "path_outside_roots" },
    { what: "a link that leads out", input: { path: "out", ...edit }, code: "path_outside_roots" },
    { what: "a file that is not there", input: { path: "none", ...edit }, code: "path_not_found" },
    { what: "a directory", input: { path: "folder", ...edit }, code: "not_a_file" },
    { what: "git's own configuration", input: { path: ".git/config", ...edit }, code: "denied" },
    {
      what: "a binary file",
      input: { path: "binary", ...edit },
      code: "binary_file",
      message: /NUL byte/,
      nextStep: /write_file_base64/,
    },
    { what: "text that is not UTF-8", input: { path: "latin1", ...edit }, code: "binary_file", message: /not UTF-8/ },
    { what: "a file above the limit", input: { path: "huge", ...edit }, code: "file_too_large" },
    {
      what: "another revision than expected",
      input: { path: "a", ...edit, expected_revision: "0123" },
      code: "changed_meanwhile",
      message: /not the expected 0123/,
    },
    {
      what: "old text that is not there",
      input: { path: "a", old_text: "onne", new_text: "x" },
      code: "text_not_found",
      message: /Nothing|nearest/,
    },
    {
      what: "old text in two places",
      input: { path: "twice", ...edit },
      code: "text_ambiguous",
      message: /lines 1, 2/,
    },
    { what: "equal texts", input: { path: "a", old_text: "one", new_text: "one" }, code: "no_change" },
    {
      what: "edits that undo each other",
      tool: "multi_edit",
      input: {
        path: "a",
        edits: [
          { old_text: "one", new_text: "two" },
          { old_text: "two", new_text: "one" },
        ],
      },
      code: "no_change",
    },
    {
      what: "a pattern that matches nothing",
      tool: "replace_regex",
      input: { path: "a", pattern: "zzz", replacement: "" },
      code: "text_not_found",
      message: /"zzz" matches nothing/,
    },
    {
      what: "a pattern with look-around",
      tool: "replace_regex",
      input: { path: "a", pattern: "(?=o)", replacement: "" },
      code: "invalid_pattern",
    },
  ];

for (const { what, tool = "edit_file", input, code, message = /./, nextStep = /./ } of refusals) {
  test(`${tool} refuses ${what}; nothing changes and the next call works`, async () => {
    await using place = makePlace();
    place.write({ a: "one\n", twice: "one\none\n", "folder/x": "x", ".git/config": "one\n", "../outside": "one\n" });
    writeFileSync(join(place.workspace, "binary"), Buffer.from([0x6f, 0, 0x6e]));
    writeFileSync(join(place.workspace, "latin1"), Buffer.from([0x6f, 0xe9, 0x6e]));
    writeFileSync(join(place.workspace, "huge"), "x".repeat(defaultEditLimits.fileBytes + 1));
    symlinkSync("../outside", join(place.workspace, "out"));
    await assert.rejects(call(place, tool, input), (error) => {
      assert.ok(error instanceof PaddockError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.match(error.nextStep, nextStep);
      return true;
    });
    assert.deepEqual(
      ["a", "twice", ".git/config", "../outside"].map((path) => content(place, path)),
      ["one\n", "one\none\n", "one\n", "one\n"],
    );
    assert.deepEqual(place.checkpoints.asked, []);
    await call(place, "edit_file", { path: "a", ...edit });
    assert.equal(content(place, "a"), "two\n");
  });
}
