import assert from "node:assert/strict";
import { test } from "node:test";
import { unifiedDiff } from "./diff.ts";

const numbered = (count: number, change: (at: number) => string = () => ""): string =>
  Array.from({ length: count }, (_, at) => `line ${at}${change(at)}\n`).join("");

test("a change is shown with three lines of context and git's names", () => {
  assert.deepEqual(
    unifiedDiff(
      numbered(9),
      numbered(9, (at) => (at === 4 ? "!" : "")),
      "src/a.ts",
    ),
    {
      text: [
        "--- a/src/a.ts",
        "+++ b/src/a.ts",
        "@@ -2,7 +2,7 @@",
        " line 1",
        " line 2",
        " line 3",
        "-line 4",
        "+line 4!",
        " line 5",
        " line 6",
        " line 7",
        "",
      ].join("\n"),
      truncated: false,
      added: 1,
      removed: 1,
    },
  );
});

test("a line added at the top marks that line only", () => {
  const { text, added, removed } = unifiedDiff(numbered(50), `first\n${numbered(50)}`, "a");
  assert.deepEqual([added, removed], [1, 0]);
  assert.equal(text, "--- a/a\n+++ b/a\n@@ -1,3 +1,4 @@\n+first\n line 0\n line 1\n line 2\n");
});

const shapes: {
  what: string;
  before: string | null;
  after: string | null;
  to?: string;
  executable?: { before: boolean; after: boolean };
  text: string;
}[] = [
  {
    what: "another mode",
    before: "a\n",
    after: "a\n",
    executable: { before: false, after: true },
    text: "diff --git a/f b/f\nold mode 100644\nnew mode 100755\n",
  },
  {
    what: "a new file that may be run",
    before: null,
    after: "",
    executable: { before: true, after: true },
    text: "diff --git a/f b/f\nnew file mode 100755\n",
  },
  { what: "no change", before: "a\n", after: "a\n", text: "" },
  {
    what: "a new file",
    before: null,
    after: "a\n",
    text: "diff --git a/f b/f\nnew file mode 100644\n--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n",
  },
  {
    what: "a deleted file",
    before: "a\nb\n",
    after: null,
    text: "diff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n",
  },
  { what: "a new empty file", before: null, after: "", text: "diff --git a/f b/f\nnew file mode 100644\n" },
  {
    what: "a new name",
    before: "a\n",
    after: "a\n",
    to: "g",
    text: "diff --git a/f b/g\nrename from f\nrename to g\n",
  },
  {
    what: "a newline taken from the end",
    before: "a\n",
    after: "a",
    text: "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n",
  },
  {
    what: "a newline put at the end",
    before: "a",
    after: "a\n",
    text: "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n",
  },
  { what: "other line endings", before: "a\r\n", after: "a\n", text: "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\r\n+a\n" },
];

for (const { what, before, after, text, ...options } of shapes) {
  test(`the diff shows ${what}`, () => {
    assert.equal(unifiedDiff(before, after, "f", options).text, text);
  });
}

test("changes far apart get a hunk each, near ones share one", () => {
  const far = unifiedDiff(
    numbered(40),
    numbered(40, (at) => (at === 5 || at === 30 ? "!" : "")),
    "a",
  );
  const near = unifiedDiff(
    numbered(40),
    numbered(40, (at) => (at === 5 || at === 12 ? "!" : "")),
    "a",
  );
  assert.deepEqual(
    [far, near].map(({ text }) => text.match(/^@@/gm)?.length),
    [2, 1],
  );
});

test("names with a quote or a tab are quoted, names with a space end in a tab", () => {
  assert.deepEqual(unifiedDiff("a\n", "b\n", 'a "b"\t.txt').text.split("\n").slice(0, 2), [
    '--- "a/a \\"b\\"\\t.txt"\t',
    '+++ "b/a \\"b\\"\\t.txt"\t',
  ]);
});

test("a diff beyond the limit is cut at a line, says so, and still counts everything", () => {
  const diff = unifiedDiff(null, numbered(1000), "a", { maxBytes: 200 });
  assert.deepEqual([diff.truncated, diff.added, diff.removed], [true, 1000, 0]);
  assert.ok(Buffer.byteLength(diff.text) <= 200);
  assert.ok(diff.text.endsWith("\n"));
});

test("texts that differ in thousands of places still give a diff of the lines that differ", () => {
  const { added, removed } = unifiedDiff(
    numbered(20_000),
    numbered(20_000, (at) => (at % 4 === 0 ? "!" : "")),
    "a",
  );
  assert.deepEqual([added, removed], [5000, 5000]);
});

test("texts with nothing in common are replaced whole", () => {
  const { added, removed } = unifiedDiff(
    numbered(50_000),
    numbered(50_000, () => "!"),
    "a",
  );
  assert.deepEqual([added, removed], [50_000, 50_000]);
});
