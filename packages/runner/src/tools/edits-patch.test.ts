import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PaddockError } from "@paddock/contract";
import { tools } from "@paddock/contract/tools";
import { defaultEditLimits } from "../edits/source.ts";
import { revisionOf } from "../files/revision.ts";
import { editHandlers } from "./edits.ts";
import { makePlace, type TestPlace } from "./place.fixture.ts";

const codex = (...lines: string[]): string => ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n");

async function apply(place: TestPlace, input: object) {
  const parts = { checkpoints: place.checkpoints, afterEdit: async () => [], limits: defaultEditLimits };
  const { apply_patch } = editHandlers(parts);
  const parsed = tools.apply_patch.input.parse(input);
  const { summary, data } = await apply_patch.run(parsed, place.call({ tool: "apply_patch" }));
  assert.deepEqual(tools.apply_patch.output.parse(data), data);
  return { summary: summary.replaceAll(place.workspace, "."), data };
}

/** Every file with its content. */
const tree = ({ workspace }: TestPlace): Record<string, string> =>
  Object.fromEntries(
    readdirSync(workspace, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((path) => [path.slice(workspace.length + 1), readFileSync(path, "utf8")]),
  );

test("a patch over several files adds, changes, moves and deletes", async () => {
  await using place = makePlace();
  place.write({ "a.ts": "one\ntwo\n", "b.ts": "b\n", "old.ts": "x\ny\n" });
  const patch = codex(
    "*** Update File: a.ts",
    "@@",
    " one",
    "-two",
    "+2",
    "*** Add File: new/n.ts",
    "+n",
    "*** Delete File: b.ts",
    "*** Update File: old.ts",
    "*** Move to: moved/new.ts",
    "@@",
    "-x",
    "+z",
    " y",
  );
  const { summary, data } = await apply(place, { patch });
  const at = (path: string) => join(place.workspace, path);
  assert.equal(summary, "Patched 4 files: +3 -3 lines");
  assert.deepEqual(
    data.files.map(({ diff: _, ...file }) => file),
    [
      {
        path: at("a.ts"),
        operation: "update",
        diff_truncated: false,
        revision: revisionOf("one\n2\n"),
        match: "exact",
      },
      { path: at("new/n.ts"), operation: "add", diff_truncated: false, revision: revisionOf("n\n"), match: "exact" },
      { path: at("b.ts"), operation: "delete", diff_truncated: false, revision: null, match: "exact" },
      {
        path: at("moved/new.ts"),
        operation: "move",
        from: at("old.ts"),
        diff_truncated: false,
        revision: revisionOf("z\ny\n"),
        match: "exact",
      },
    ],
  );
  assert.deepEqual(tree(place), { "a.ts": "one\n2\n", "moved/new.ts": "z\ny\n", "new/n.ts": "n\n" });
  assert.deepEqual(place.checkpoints.asked, [`apply_patch ${at("a.ts")} and 3 more`]);
});

test("the diffs of an answer are a patch that git applies to the old files with the same result", async () => {
  await using place = makePlace();
  const old = { "a b.ts": "one\ntwo\n", "b.ts": "b\n", "old.ts": "x\ny\nz\n" };
  place.write(old);
  const patch = codex(
    "*** Update File: a b.ts",
    "-two",
    "+2",
    "*** Add File: new/n.ts",
    "+n",
    "*** Delete File: b.ts",
    "*** Update File: old.ts",
    "*** Move to: new.ts",
    " y",
    "+added",
  );
  const { data } = await apply(place, { patch });
  const after = tree(place);
  await using other = makePlace();
  other.write(old);
  const diff = data.files.map((file) => file.diff).join("");
  execFileSync("git", ["apply", "-"], { cwd: other.workspace, input: diff, stdio: "pipe" });
  assert.deepEqual(tree(other), after);
  await using third = makePlace();
  third.write(old);
  await apply(third, { patch: diff });
  assert.deepEqual(tree(third), after);
});

test("git's own diff of a commit with renames, modes, new and deleted files gives the same files", async () => {
  await using place = makePlace();
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "diff.renames=copies", ...args], {
      cwd: place.workspace,
      encoding: "utf8",
      env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
    });
  const long = Array.from({ length: 30 }, (_, line) => `line ${line}\n`).join("");
  const old = {
    "keep.txt": long,
    "täb\t.txt": long.toUpperCase(),
    "gone.txt": "gone\n",
    "run.sh": "#!/bin/sh\n",
    "empty.txt": "",
  };
  place.write(old);
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "old");
  git("mv", "täb\t.txt", "renamed file.txt");
  git("rm", "-q", "gone.txt", "empty.txt");
  place.write({
    "renamed file.txt": long.toUpperCase().replace("LINE 7", "changed"),
    "sub/new.txt": "no newline",
    "void.txt": "",
  });
  chmodSync(join(place.workspace, "run.sh"), 0o755);
  git("add", "-A");
  const patch = git("diff", "--cached");
  const { ".git": _, ...wanted } = Object.fromEntries(
    Object.entries(tree(place)).filter(([path]) => !path.startsWith(".git/")),
  );
  await using other = makePlace();
  other.write(old);
  const { data } = await apply(other, { patch });
  assert.deepEqual(tree(other), wanted);
  assert.equal(statSync(join(other.workspace, "run.sh")).mode & 0o111, 0o111);
  assert.deepEqual(data.files.map(({ operation }) => operation).toSorted(), [
    "add",
    "delete",
    "move",
    "move",
    "update",
  ]);
});

test("a byte order mark stays, whether the patch has it or not, and the diff shows it", async () => {
  await using place = makePlace();
  place.write({ a: "\uFEFFone\ntwo\n", b: "\uFEFFone\ntwo\n" });
  const { data } = await apply(place, {
    patch:
      "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n-\uFEFFone\n+\uFEFF1\n two\n--- a/b\n+++ b/b\n@@ -1,2 +1,2 @@\n-one\n+1\n two\n",
  });
  assert.deepEqual(tree(place), { a: "\uFEFF1\ntwo\n", b: "\uFEFF1\ntwo\n" });
  assert.deepEqual(
    data.files.map(({ match }) => match),
    ["exact", "exact"],
  );
  assert.match(data.files[1]?.diff ?? "", /^-\uFEFFone$/m);
});

test("a change of mode alone is shown and made", async () => {
  await using place = makePlace();
  place.write({ "run.sh": "x\n" });
  const patch = "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n";
  const { data } = await apply(place, { patch });
  assert.deepEqual([data.files[0]?.diff, statSync(join(place.workspace, "run.sh")).mode & 0o100], [patch, 0o100]);
  await assert.rejects(apply(place, { patch }), { code: "no_change" });
});

test("two names in --- and +++ alone mean the new one where it is there, else a move", async () => {
  await using place = makePlace();
  place.write({ x: "a\n", "y.orig": "a\n" });
  const diff = (from: string, to: string) => `--- ${from}\n+++ ${to}\n@@ -1 +1 @@\n-a\n+b\n`;
  const { data } = await apply(place, { patch: diff("x.orig", "x") + diff("y.orig", "y") });
  assert.deepEqual(tree(place), { x: "b\n", y: "b\n" });
  assert.deepEqual(
    data.files.map(({ operation }) => operation),
    ["update", "move"],
  );
});

test("a binary file can be deleted, and its diff shows no bytes", async () => {
  await using place = makePlace();
  writeFileSync(join(place.workspace, "binary"), Buffer.from([0x78, 0, 0xff]));
  const { data } = await apply(place, { patch: codex("*** Delete File: binary") });
  assert.equal(data.files[0]?.diff, "diff --git a/binary b/binary\ndeleted file mode 100644\n");
  assert.deepEqual(tree(place), {});
});

test("a copy keeps its source", async () => {
  await using place = makePlace();
  place.write({ a: "x\n" });
  const { data } = await apply(place, { patch: "diff --git a/a b/b\nsimilarity index 100%\ncopy from a\ncopy to b\n" });
  assert.deepEqual(tree(place), { a: "x\n", b: "x\n" });
  assert.equal(data.files[0]?.operation, "copy");
});

test("a dry run shows everything and changes nothing", async () => {
  await using place = makePlace();
  place.write({ a: "x\n" });
  const { summary, data } = await apply(place, {
    patch: codex("*** Update File: a", "-x", "+y", "*** Add File: n/n", "+n"),
    dry_run: true,
  });
  assert.deepEqual(
    [summary, data.dry_run, data.checkpoint_id, data.files.length],
    ["Would patch 2 files: +2 -1 lines", true, null, 2],
  );
  assert.deepEqual(
    [tree(place), existsSync(join(place.workspace, "n")), place.checkpoints.asked],
    [{ a: "x\n" }, false, []],
  );
});

const places: { what: string; input: { path?: string; patch: string } }[] = [
  { what: "bare hunks for the file that path names", input: { path: "src/a.ts", patch: "@@ -1 +1 @@\n-x\n+y\n" } },
  {
    what: "names below the directory that path names",
    input: { path: "src", patch: codex("*** Update File: a.ts", "-x", "+y") },
  },
  {
    what: "one named file that path names too",
    input: { path: "src/a.ts", patch: codex("*** Update File: src/a.ts", "-x", "+y") },
  },
  {
    what: "one file named by its last part",
    input: { path: "src/a.ts", patch: "--- a/a.ts\n+++ b/a.ts\n@@ -1 +1 @@\n-x\n+y\n" },
  },
];

for (const { what, input } of places) {
  test(`path may stand for ${what}`, async () => {
    await using place = makePlace();
    place.write({ "src/a.ts": "x\n" });
    await apply(place, input);
    assert.deepEqual(tree(place), { "src/a.ts": "y\n" });
  });
}

test("an absolute name beneath a root works, and bare hunks that only add make a file", async () => {
  await using place = makePlace();
  place.write({ a: "x\n" });
  await apply(place, { patch: codex(`*** Update File: ${join(place.workspace, "a")}`, "-x", "+y") });
  await apply(place, { path: "n", patch: "@@ -0,0 +1,2 @@\n+1\n+2\n" });
  assert.deepEqual(tree(place), { a: "y\n", n: "1\n2\n" });
});

test("the policy is asked about every path, move targets too", async () => {
  await using place = makePlace();
  const parts = { checkpoints: place.checkpoints, afterEdit: async () => [], limits: defaultEditLimits };
  const { apply_patch } = editHandlers(parts);
  const input = tools.apply_patch.input.parse({
    patch: codex("*** Update File: a", "*** Move to: /etc/b", "*** Delete File: ../c"),
  });
  const paths = ["a", "/etc/b", "../c"].map((path) => ({
    path: join(path.startsWith("/") ? "/" : place.workspace, path),
    access: "write",
  }));
  assert.deepEqual(await apply_patch.wants?.(input, place.call()), { paths });
});

const good = ["*** Update File: a", "-x", "+y"];
const refusals: {
  what: string;
  input: { patch: string; path?: string; expected_revisions?: object };
  code: string;
  message?: RegExp;
}[] = [
  {
    what: "context that is gone",
    input: { patch: codex(...good, "*** Update File: b", " gone", "-x", "+y") },
    code: "patch_mismatch",
    message: /line 6 of the patch.*Nothing in the file/,
  },
  {
    what: "a file outside of the roots",
    input: { patch: codex(...good, "*** Add File: ../out", "+x") },
    code: "path_outside_roots",
  },
  {
    what: "a move out of the roots",
    input: { patch: codex(...good, "*** Update File: b", "*** Move to: /etc/out") },
    code: "path_outside_roots",
  },
  {
    what: "a file through a link that leads out",
    input: { patch: codex(...good, "*** Update File: out/f", "-x", "+y") },
    code: "path_outside_roots",
  },
  {
    what: "a new file through a link that leads out",
    input: { patch: codex(...good, "*** Add File: out/g", "+x") },
    code: "path_outside_roots",
  },
  {
    what: "git's hooks",
    input: { patch: codex(...good, "*** Add File: .git/hooks/pre-commit", "+x") },
    code: "denied",
  },
  {
    what: "two sections for one file",
    input: { patch: codex(...good, "*** Update File: ./a", "-x", "+z") },
    code: "invalid_patch",
    message: /Lines 2 and 5 of the patch both change/,
  },
  {
    what: "two names of one file",
    input: { patch: codex(...good, "*** Update File: alias", "-x", "+z") },
    code: "invalid_patch",
    message: /both change/,
  },
  { what: "a new file where one is", input: { patch: codex(...good, "*** Add File: b", "+x") }, code: "path_exists" },
  { what: "a move onto a file", input: { patch: codex("*** Update File: a", "*** Move to: b") }, code: "path_exists" },
  {
    what: "a file that is not there",
    input: { patch: codex(...good, "*** Delete File: none") },
    code: "path_not_found",
  },
  {
    what: "the deletion of a link",
    input: { patch: codex(...good, "*** Delete File: alias") },
    code: "not_a_file",
    message: /symbolic link|both change/,
  },
  {
    what: "a deletion that does not show the whole file",
    input: { patch: "diff --git a/two b/two\ndeleted file mode 100644\n--- a/two\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n" },
    code: "patch_mismatch",
    message: /does not show all/,
  },
  {
    what: "a binary file",
    input: { patch: codex(...good, "*** Update File: binary", "-x", "+y") },
    code: "binary_file",
  },
  { what: "no change", input: { patch: codex("*** Update File: a", "-x", "+x") }, code: "no_change" },
  { what: "bare hunks without a path", input: { patch: "@@ -1 +1 @@\n-x\n+y\n" }, code: "invalid_input" },
  {
    what: "another file than path names",
    input: { path: "b", patch: codex(...good) },
    code: "invalid_patch",
    message: /path is the file b, but the patch names another: "a"/,
  },
  {
    what: "another revision than expected",
    input: { patch: codex(...good), expected_revisions: { a: "0123" } },
    code: "changed_meanwhile",
  },
  {
    what: "an expected revision of a file it does not change",
    input: { patch: codex(...good), expected_revisions: { q: "0123" } },
    code: "invalid_input",
    message: /names q/,
  },
  {
    what: "a new file below a file",
    input: { patch: codex(...good, "*** Add File: b/c", "+x") },
    code: "not_a_directory",
  },
];

for (const { what, input, code, message = /./ } of refusals) {
  test(`it refuses ${what}; no file changes and the next call works`, async () => {
    await using place = makePlace();
    place.write({ a: "x\n", b: "b\n", two: "1\n2\n", ".git/hooks/x": "x", "../beyond/f": "x\n" });
    writeFileSync(join(place.workspace, "binary"), Buffer.from([0x78, 0, 10]));
    symlinkSync("../beyond", join(place.workspace, "out"));
    symlinkSync("a", join(place.workspace, "alias"));
    const before = tree(place);
    await assert.rejects(apply(place, input), (error) => {
      assert.ok(error instanceof PaddockError, String(error));
      assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message);
      return true;
    });
    assert.deepEqual([tree(place), readdirSync(join(place.workspace, "../beyond"))], [before, ["f"]]);
    await apply(place, { patch: codex(...good) });
    assert.equal(tree(place).a, "y\n");
  });
}
