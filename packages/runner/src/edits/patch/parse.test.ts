import assert from "node:assert/strict";
import { test } from "node:test";
import { PaddockError } from "@paddock/contract";
import { parsePatch } from "./parse.ts";
import type { Hunk, Section } from "./patch.ts";

/** A section in short: hunks as their lines with marks. */
function short(section: Section): unknown {
  const { at: _, ...rest } = section;
  return "hunks" in rest ? { ...rest, hunks: rest.hunks.map(hunkText) } : rest;
}

const hunkText = ({ anchors, expected, lines, atEnd }: Hunk): string =>
  [
    ...anchors.map((anchor) => `@${anchor}\n`),
    expected === undefined ? "" : `#${expected}\n`,
    ...lines.map(({ mark, line }) => mark + (line.endsWith("\n") ? line : `${line}~\n`)),
    atEnd ? "$" : "",
  ].join("");

const update = (path: string | null, ...hunks: string[]) => ({ type: "update", path, hunks });
const codex = (...lines: string[]) => ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n");

const cases: { what: string; patch: string; sections: unknown[] }[] = [
  {
    what: "an update with an anchor",
    patch: codex("*** Update File: a b.ts", "@@ class A", "@@   def f", " x", "-y", "+z"),
    sections: [update("a b.ts", "@class A\n@  def f\n x\n-y\n+z\n")],
  },
  {
    what: "a first chunk without @@ and a bare @@",
    patch: codex("*** Update File: a", " x", "-y", "@@", "+z", " q"),
    sections: [update("a", " x\n-y\n", "+z\n q\n")],
  },
  {
    what: "an added, a deleted and a moved file",
    patch: codex(
      "*** Add File: n",
      "+1",
      "+",
      "*** Delete File: d",
      "*** Update File: o",
      "*** Move to: m",
      "*** Delete File: e",
    ),
    sections: [
      { type: "add", path: "n", content: "1\n\n" },
      { type: "delete", path: "d", hunks: [], verified: true },
      { type: "update", path: "o", to: "m", hunks: [] },
      { type: "delete", path: "e", hunks: [], verified: true },
    ],
  },
  {
    what: "the end of the file",
    patch: codex("*** Update File: a", "@@", " x", "+y", "*** End of File", "*** Update File: b", "@@", "-q"),
    sections: [update("a", " x\n+y\n$"), update("b", "-q\n")],
  },
  {
    what: "an empty line as an empty line of the file, and blank lines between chunks as nothing",
    patch: codex("*** Update File: a", "@@", " x", "", "-y", "", "@@", "-z", "", ""),
    sections: [update("a", " x\n \n-y\n", "-z\n")],
  },
  {
    what: "padding around markers",
    patch: "\n  *** Begin Patch  \n *** Delete File: a \n\n*** Add File:  n\n+x\n\t*** End Patch\n\n",
    sections: [
      { type: "delete", path: "a", hunks: [], verified: true },
      { type: "add", path: "n", content: "x\n" },
    ],
  },
  {
    what: "a patch indented as a whole",
    patch: "    *** Begin Patch\n    *** Update File: a\n    @@\n     x\n    -y\n    *** End Patch\n",
    sections: [update("a", " x\n-y\n")],
  },
  {
    what: "sections without a Begin marker",
    patch: "*** Add File: a\n+x\n*** Add File: b\n+y",
    sections: [
      { type: "add", path: "a", content: "x\n" },
      { type: "add", path: "b", content: "y\n" },
    ],
  },
  ...["<<EOF", "<<'EOF'", '<<"EOF"', "apply_patch <<'EOF'"].map((opening) => ({
    what: `a here-document (${opening})`,
    patch: `${opening}\n${codex("*** Delete File: a")}EOF\n`,
    sections: [{ type: "delete", path: "a", hunks: [], verified: true }],
  })),
  {
    what: "a code fence",
    patch: "```diff\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n```\n",
    sections: [update("x", "#0\n-a\n+b\n")],
  },
  {
    what: "a diff between Begin and End markers",
    patch: codex("--- a/x", "+++ b/x", "@@ -3 +3 @@", "-a", "+b"),
    sections: [update("x", "#2\n-a\n+b\n")],
  },
  {
    what: "a patch sent with CRLF throughout",
    patch: codex("*** Update File: a", "@@", "-x", "+y").replaceAll("\n", "\r\n"),
    sections: [update("a", "-x\n+y\n")],
  },
  {
    what: "CRLF of the file in a diff that has LF itself",
    patch: "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n",
    sections: [update("x", "#0\n a\r\n-b\r\n+c\r\n")],
  },
  {
    what: "bare hunks",
    patch: "@@ -10,2 +10,2 @@ function f() {\n a\n-b\n+c\n",
    sections: [update(null, "#9\n a\n-b\n+c\n")],
  },
  {
    what: "several files of a plain diff, with times",
    patch:
      "--- x.orig\t2024-01-01 10:00:00.000000000 +0000\n+++ x\t2024-01-02 10:00:00 +0000\n@@ -1 +1 @@\n-a\n+b\n--- y 2024-01-01 10:00:00\n+++ y 2024-01-01T10:00:00Z\n@@ -1 +1 @@\n-a\n+b\n",
    sections: [
      { type: "update", path: "x.orig", to: "x", implied: true, hunks: ["#0\n-a\n+b\n"] },
      update("y", "#0\n-a\n+b\n"),
    ],
  },
  {
    what: "removed and added lines that look like headers",
    patch: "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n k\n--- a/y\n+++ b/y\n@@ -9 +9 @@\n-q\n+r\n",
    sections: [update("x", "#0\n k\n--- a/y\n+++ b/y\n", "#8\n-q\n+r\n")],
  },
  {
    what: "git's new, deleted, renamed, copied and mode-changed files",
    patch: [
      "diff --git a/n b/n",
      "new file mode 100755",
      "index 0000000..e69de29",
      "--- /dev/null",
      "+++ b/n",
      "@@ -0,0 +1 @@",
      "+x",
      "\\ No newline at end of file",
      "diff --git a/d b/d",
      "deleted file mode 100644",
      "index e69de29..0000000",
      "--- a/d",
      "+++ /dev/null",
      "@@ -1 +0,0 @@",
      "-x",
      "diff --git a/o b/p q",
      "similarity index 100%",
      "rename from o",
      "rename to p q",
      "diff --git a/c b/e",
      "similarity index 90%",
      "copy from c",
      "copy to e",
      "--- a/c",
      "+++ b/e",
      "@@ -1 +1 @@",
      "-x",
      "+y",
      "diff --git a/s b/s",
      "old mode 100644",
      "new mode 100755",
      "diff --git a/z z b/z z",
      "new file mode 100644",
      "index 0000000..e69de29",
    ].join("\n"),
    sections: [
      { type: "add", path: "n", content: "x", executable: true },
      { type: "delete", path: "d", hunks: ["#0\n-x\n"], verified: false },
      { type: "update", path: "o", to: "p q", copy: false, hunks: [] },
      { type: "update", path: "c", to: "e", copy: true, hunks: ["#0\n-x\n+y\n"] },
      { type: "update", path: "s", executable: true, hunks: [] },
      { type: "add", path: "z z", content: "", executable: false },
    ],
  },
  {
    what: "quoted names",
    patch: '--- "a/t\\303\\244b\\tle \\"x\\""\n+++ "b/t\\303\\244b\\tle \\"x\\""\n@@ -1 +1 @@\n-a\n+b\n',
    sections: [update('täb\tle "x"', "#0\n-a\n+b\n")],
  },
  {
    what: "names without prefixes, and a folder that is called a",
    patch: "--- a/x\n+++ a/x\n@@ -1 +1 @@\n-a\n+b\n",
    sections: [update("a/x", "#0\n-a\n+b\n")],
  },
  {
    what: "what git format-patch puts around a diff",
    patch:
      "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.com>\nSubject: x\n\n---\n x | 2 +-\n\ndiff --git a/x b/x\nindex 111..222 100644\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n-- \n2.39.5\n\n",
    sections: [update("x", "#0\n-a\n+b\n")],
  },
  {
    what: "what diff -r writes between files",
    patch:
      "diff -ur old/x new/x\n--- old/x\n+++ new/x\n@@ -1 +1 @@\n-a\n+b\ndiff -ur old/y new/y\n--- y\n+++ y\n@@ -1 +1 @@\n-a\n+b\n",
    sections: [
      { type: "update", path: "old/x", to: "new/x", implied: true, hunks: ["#0\n-a\n+b\n"] },
      update("y", "#0\n-a\n+b\n"),
    ],
  },
  {
    what: "wrong counts in a header",
    patch: "--- a/x\n+++ b/x\n@@ -1,9 +1,1 @@\n a\n-b\n+c\n+d\n@@ -20 +20 @@\n-e\n+f\n",
    sections: [update("x", "#0\n a\n-b\n+c\n+d\n", "#19\n-e\n+f\n")],
  },
  {
    what: "a @@ line with dots or half numbers as no anchor",
    patch: "--- a/x\n+++ b/x\n@@ ... @@\n-a\n+b\n@@ -1,5 @@\n-c\n+d\n",
    sections: [update("x", "-a\n+b\n", "-c\n+d\n")],
  },
];

for (const { what, patch, sections } of cases) {
  test(`it reads ${what}`, () => assert.deepEqual(parsePatch(patch).map(short), sections));
}

const refusals: { what: string; patch: string; line: number; message: RegExp }[] = [
  { what: "nothing", patch: "\n \n", line: 3, message: /empty/ },
  { what: "prose", patch: "Here is the patch:\n", line: 1, message: /expected \*\*\* Begin Patch.*Here is the patch/ },
  { what: "an empty envelope", patch: codex(), line: 2, message: /empty/ },
  { what: "a patch cut off", patch: "*** Begin Patch\n*** Update File: a\n@@\n-x\n", line: 4, message: /cut off/ },
  {
    what: "an open here-document",
    patch: `<<EOF\n${codex("*** Delete File: a")}`,
    line: 1,
    message: /not closed by EOF/,
  },
  {
    what: "a line without a mark",
    patch: codex("*** Update File: a", "@@", " x", "garbage", "-y"),
    line: 5,
    message: /starts with " ", "\+" or "-".*"garbage"/,
  },
  {
    what: "a line without + in a new file",
    patch: codex("*** Add File: a", "+x", "y"),
    line: 4,
    message: /must start with \+: "y"/,
  },
  { what: "a header of no kind", patch: codex("*** Rename File: a"), line: 2, message: /expected \*\*\* Update File/ },
  {
    what: "a header without a name",
    patch: codex("*** Delete File: "),
    line: 2,
    message: /without a file name|expected/,
  },
  {
    what: "an update without hunks",
    patch: codex("*** Update File: a", "*** Delete File: b"),
    line: 3,
    message: /at least one hunk/,
  },
  {
    what: "a hunk without lines",
    patch: codex("*** Update File: a", "@@ x", "*** Delete File: b"),
    line: 3,
    message: /no lines/,
  },
  {
    what: "text between the files of a diff",
    patch: "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n\noops\n",
    line: 7,
    message: /"oops"/,
  },
  { what: "a --- line alone", patch: "--- a/x\n@@ -1 +1 @@\n-a\n+b\n", line: 2, message: /expected a \+\+\+ line/ },
  {
    what: "two /dev/null",
    patch: "--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n",
    line: 1,
    message: /both sides/,
  },
  {
    what: "a new file with removed lines",
    patch: "--- /dev/null\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
    line: 3,
    message: /lines that start with \+/,
  },
  { what: "a header without hunks", patch: "--- a/x\n+++ b/x\n", line: 1, message: /no hunks/ },
  {
    what: "a symbolic link",
    patch: "diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+y\n",
    line: 2,
    message: /regular files/,
  },
  {
    what: "binary content",
    patch: "diff --git a/x b/x\nindex 1..2 100644\nGIT binary patch\nliteral 1\n",
    line: 3,
    message: /binary/,
  },
  {
    what: "the diff of a merge",
    patch: "--- a/x\n+++ b/x\n@@@ -1,2 -1,2 +1,2 @@@\n  a\n",
    line: 3,
    message: /merge|no hunks/,
  },
  {
    what: "a newline mark with nothing before it",
    patch: "@@ -1 +1 @@\n\\ No newline at end of file\n",
    line: 2,
    message: /no line before/,
  },
  {
    what: "a name that is not UTF-8",
    patch: '--- "a/\\377"\n+++ "b/\\377"\n@@ -1 +1 @@\n-a\n+b\n',
    line: 1,
    message: /not UTF-8/,
  },
  {
    what: "a quoted name without its end",
    patch: '--- "a/x\n+++ "b/x\n@@ -1 +1 @@\n-a\n+b\n',
    line: 1,
    message: /closing quote/,
  },
];

for (const { what, patch, line, message } of refusals) {
  test(`it refuses ${what}, naming line ${line}`, () => {
    assert.throws(
      () => parsePatch(patch),
      (error) => {
        assert.ok(error instanceof PaddockError, String(error));
        assert.match(error.message, message);
        assert.deepEqual([error.code, error.details], ["invalid_patch", { line }]);
        return true;
      },
    );
  });
}

test("whatever lines are put together, they are read or refused, never a fault", () => {
  const pieces = cases.flatMap(({ patch }) => patch.split("\n"));
  let state = 1;
  const next = (limit: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % limit;
  };
  for (let round = 0; round < 5000; round += 1) {
    const lines = Array.from({ length: 1 + next(12) }, () => pieces[next(pieces.length)] ?? "");
    const patch = round % 2 === 0 ? codex("*** Update File: a", ...lines) : lines.join("\n");
    try {
      parsePatch(patch);
    } catch (error) {
      assert.ok(error instanceof PaddockError, `${String(error)}\n${patch}`);
    }
  }
});

test("a header that never ends is refused at once", () => {
  const patch = `--- a/x${" ".repeat(2_000_000)}\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n`;
  assert.throws(() => parsePatch(patch), {
    code: "invalid_patch",
    message: /^Line 1 of the patch: a header of more than/,
  });
});

test("more sections, hunks or lines than anybody means are refused", () => {
  assert.throws(() => parsePatch("*** Delete File: a\n".repeat(501)), { code: "too_large", message: /501 files/ });
  assert.throws(() => parsePatch(codex("*** Update File: a", "@@\n-x\n".repeat(5001))), { code: "invalid_patch" });
  assert.throws(() => parsePatch("\n".repeat(600_000)), { code: "too_large" });
});

test("long runs of blank lines are read in time that grows with their number only", () => {
  const blank = "\n".repeat(200_000);
  const [section] = parsePatch(`*** Begin Patch\n*** Update File: a\n@@\n-x\n${blank}-y\n${blank}*** End Patch\n`);
  assert.equal(section?.type === "update" && section.hunks[0]?.lines.length, 200_002);
});
