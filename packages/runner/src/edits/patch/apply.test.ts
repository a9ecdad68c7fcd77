import assert from "node:assert/strict";
import { test } from "node:test";
import { type MatchTier, PaddockError } from "@paddock/contract";
import { applyHunks } from "./apply.ts";
import { parsePatch } from "./parse.ts";

/** Applies the lines of one update, with or without @@, to a content. */
function apply(content: string, ...lines: string[]) {
  const [section] = parsePatch(["*** Update File: f", ...lines, ""].join("\n"));
  assert.ok(section?.type === "update");
  return applyHunks(content, section.hunks, "f");
}

const cases: {
  what: string;
  content: string;
  lines: string[];
  result: string;
  match?: MatchTier;
  warnings?: RegExp[];
}[] = [
  {
    what: "a hunk where its lines stand",
    content: "a\nb\nc\n",
    lines: ["@@", " a", "-b", "+x", " c"],
    result: "a\nx\nc\n",
  },
  {
    what: "a hunk that its numbers misplace",
    content: "0\n1\n2\n3\na\nb\n",
    lines: ["@@ -1,2 +1,2 @@", " a", "-b", "+x"],
    result: "0\n1\n2\n3\na\nx\n",
  },
  {
    what: "equal lines where the numbers say",
    content: "x\ny\nx\ny\nx\ny\n",
    lines: ["@@ -3,2 +3,2 @@", " x", "-y", "+z"],
    result: "x\ny\nx\nz\nx\ny\n",
  },
  {
    what: "later hunks as far from their numbers as the ones before",
    content: "new\nnew\na\nx\ny\nb\nx\ny\n",
    lines: ["@@ -1,1 +1,1 @@", "-a", "+A", "@@ -2,2 +2,2 @@", " x", "-y", "+z"],
    result: "new\nnew\nA\nx\nz\nb\nx\ny\n",
  },
  {
    what: "equal lines under git's heading when the numbers are wrong",
    content: "def f():\n  x\n  return\ndef g():\n  x\n  return\n",
    lines: ["@@ -90,2 +90,2 @@ def g():", "   x", "-  return", "+  stop"],
    result: "def f():\n  x\n  return\ndef g():\n  x\n  stop\n",
  },
  {
    what: "the first place below an anchor",
    content: "def f():\n  return\ndef g():\n  return\ndef h():\n  return\n",
    lines: ["@@ def g():", "-  return", "+  stop"],
    result: "def f():\n  return\ndef g():\n  stop\ndef h():\n  return\n",
  },
  {
    what: "several anchors, outermost first",
    content: "class A\n def f\n  x\nclass B\n def f\n  x\n",
    lines: ["@@ class B", "@@  def f", "-  x", "+  y"],
    result: "class A\n def f\n  x\nclass B\n def f\n  y\n",
  },
  {
    what: "an anchor that is a part of its line",
    content: "export function f(a: string) {\n  go();\n}\nfunction g() {\n  go();\n}\n",
    lines: ["@@ function g", "-  go();", "+  stop();"],
    result: "export function f(a: string) {\n  go();\n}\nfunction g() {\n  stop();\n}\n",
  },
  {
    what: "an anchor that is repeated as the first line",
    content: "a\nb\na\n",
    lines: ["@@ b", "-b", "+c"],
    result: "a\nc\na\n",
  },
  {
    what: "lines added below an anchor",
    content: "a {\n}\nb {\n}\n",
    lines: ["@@ b {", "+  x"],
    result: "a {\n}\nb {\n  x\n}\n",
  },
  {
    what: "hunks below one anchor that each repeat it",
    content: "class A\n x\n y\nclass B\n x\n y\n",
    lines: ["@@ class B", "- x", "+ X", "@@ class B", "- y", "+ Y"],
    result: "class A\n x\n y\nclass B\n X\n Y\n",
  },
  {
    what: "the end of the file before an equal place",
    content: "x\ny\nx\n",
    lines: ["@@", "-x", "+z", "*** End of File"],
    result: "x\ny\nz\n",
  },
  {
    what: "a place elsewhere with a warning when it is not the end of the file",
    content: "x\ny\n",
    lines: ["@@", "-x", "+z", "*** End of File"],
    result: "z\ny\n",
    warnings: [/marked as the end of the file but was found at line 1/],
  },
  {
    what: "added lines at the end with a warning where nothing says where",
    content: "a\n",
    lines: ["@@", "+b"],
    result: "a\nb\n",
    warnings: [/added at the end/],
  },
  { what: "lines to an empty file", content: "", lines: ["@@", "+b"], result: "b\n" },
  {
    what: "hunks whose context overlaps",
    content: "a\nb\nc\nd\n",
    lines: ["@@", "-a", "+A", " b", " c", "@@", " b", " c", "-d", "+D"],
    result: "A\nb\nc\nD\n",
  },
  {
    what: "an empty last line that only stands for the newline at the end",
    content: "a\nb\n",
    lines: ["@@", "-b", "+c", " "],
    result: "a\nc\n",
  },
  {
    what: "other space at the end of lines",
    content: "a  \nb\t\nc\n",
    lines: ["@@", " a", "-b", "+x", " c"],
    result: "a  \nx\nc\n",
    match: "trailing_space",
    warnings: [/matched line 1 of f only with trailing space ignored\./],
  },
  {
    what: "missing indentation, and indents what is added",
    content: "class A:\n    def f(self):\n        return 1\n",
    lines: ["@@", " def f(self):", "-    return 1", "+    if x:", "+        return 2", "+", "+    return 1"],
    result: "class A:\n    def f(self):\n        if x:\n            return 2\n\n        return 1\n",
    match: "indentation",
    warnings: [/indentation ignored; added lines were indented to fit/],
  },
  {
    what: "too much indentation, and takes it off what is added",
    content: "def f():\n    return 1\n",
    lines: ["@@", "     def f():", "-        return 1", "+        return 2"],
    result: "def f():\n    return 2\n",
    match: "indentation",
    warnings: [/indented to fit/],
  },
  {
    what: "spaces for tabs, and writes tabs",
    content: "f() {\n\tif (x) {\n\t\tgo();\n\t}\n}\n",
    lines: ["@@", "     if (x) {", "-        go();", "+        stop();", "+    } else {", "     }"],
    result: "f() {\n\tif (x) {\n\t\tstop();\n\t} else {\n\t}\n}\n",
    match: "indentation",
    warnings: [/indented to fit/],
  },
  {
    what: "indentation with no rule, and leaves what is added as it is",
    content: "  a\n    b\n",
    lines: ["@@", " a", "-b", "+  x"],
    result: "  a\n  x\n",
    match: "indentation",
    warnings: [/indentation ignored\.$/],
  },
  {
    what: "typographic quotes, dashes and spaces",
    content: "say(“it’s\u00a0here” – now);\nnext\n",
    lines: ["@@", '-say("it\'s here" - now);', "+say(1);", " next"],
    result: "say(1);\nnext\n",
    match: "punctuation",
    warnings: [/typographic punctuation/],
  },
  {
    what: "the file's CRLF and gives it to added lines",
    content: "a\r\nb\r\nc\r\n",
    lines: ["@@", " a", "-b", "+x", "+y", " c"],
    result: "a\r\nx\r\ny\r\nc\r\n",
    match: "line_endings",
    warnings: [/line endings ignored/],
  },
  {
    what: "each line's own ending in a mixed file",
    content: "a\nb\r\nc\nd\r\n",
    lines: ["@@", " a", "-b", "-c", "+B", "+C", "+D", " d"],
    result: "a\nB\r\nC\nD\nd\r\n",
    match: "line_endings",
    warnings: [/line endings/],
  },
  {
    what: "a last line without a newline and leaves it so",
    content: "a\nb",
    lines: ["@@", " a", "-b", "+c"],
    result: "a\nc",
    match: "line_endings",
    warnings: [/line endings/],
  },
  {
    what: "lines added behind a last line without a newline",
    content: "a\nb",
    lines: ["@@", " b", "+c", "+d"],
    result: "a\nb\nc\nd",
    match: "line_endings",
    warnings: [/line endings/],
  },
  {
    what: "marks of a missing newline on both sides",
    content: "a\nb",
    lines: ["@@ -1,2 +1,2 @@", " a", "-b", "\\ No newline at end of file", "+c", "\\ No newline at end of file"],
    result: "a\nc",
  },
  {
    what: "a newline that is put at the end",
    content: "a\nb",
    lines: ["@@ -1,2 +1,2 @@", " a", "-b", "\\ No newline at end of file", "+b"],
    result: "a\nb\n",
  },
  {
    what: "a newline that is taken from the end, though indentation differs",
    content: "  a\n  b\n",
    lines: ["@@ -1,2 +1,2 @@", " a", "-b", "+c", "\\ No newline at end of file"],
    result: "  a\n  c",
    match: "indentation",
    warnings: [/indented to fit/],
  },
  { what: "the removal of everything", content: "a\nb\n", lines: ["@@", "-a", "-b"], result: "" },
  {
    what: "wrong counts, with a warning",
    content: "a\nb\n",
    lines: ["@@ -1,7 +1,9 @@", " a", "-b", "+c"],
    result: "a\nc\n",
    warnings: [/wrong line counts/],
  },
];

for (const { what, content, lines, result, match = "exact", warnings = [] } of cases) {
  test(`it applies ${what}`, () => {
    const applied = apply(content, ...lines);
    assert.deepEqual([applied.content, applied.match], [result, match]);
    assert.equal(applied.warnings.length, warnings.length, applied.warnings.join("\n"));
    for (const [at, warning] of warnings.entries()) assert.match(applied.warnings[at] ?? "", warning);
  });
}

const refusals: { what: string; content: string; lines: string[]; code: string; message: RegExp }[] = [
  {
    what: "context that is gone, with the nearest place",
    content: "a\nfunction f(a, b) {\n  return a + b;\n}\nz\n",
    lines: ["@@", " function f(a, b) {", "-  return a - b;", "+  return 0;", " }"],
    code: "patch_mismatch",
    message:
      /hunk at line 2 of the patch does not fit f.*nearest place is at line 2; there line 3 is " {2}return a \+ b;" where " {2}return a - b;" was given/,
  },
  {
    what: "a line that the file has besides",
    content: "alpha\nbeta\ngamma\n",
    lines: ["@@", " alpha", "-gamma", "+x"],
    code: "patch_mismatch",
    message: /line 2 is "beta"/,
  },
  {
    what: "context that is gone although the numbers fit",
    content: "1\n2\n3\n",
    lines: ["@@ -2,1 +2,1 @@", "-other", "+x"],
    code: "patch_mismatch",
    message: /Nothing in the file \(3 lines\) is like it/,
  },
  {
    what: "two equal places, naming both",
    content: "x\ny\nx\ny\n",
    lines: ["@@", " x", "-y", "+z"],
    code: "text_ambiguous",
    message: /fits 2 places in f: lines 1, 3\./,
  },
  {
    what: "an anchor that leaves two places",
    content: "def f\n  x\ndef f\n  x\n",
    lines: ["@@ def f", "-  x", "+  y"],
    code: "text_ambiguous",
    message: /lines 2, 4/,
  },
  {
    what: "an anchor that is not there",
    content: "def f\n  x\n",
    lines: ["@@ class Q", "-  x", "+  y"],
    code: "patch_mismatch",
    message: /belongs below "class Q", which is not in f/,
  },
  {
    what: "hunks in the wrong order",
    content: "alpha\nbeta\n",
    lines: ["@@", "-beta", "+B", "@@", "-alpha", "+A"],
    code: "patch_mismatch",
    message: /hunk at line 5 of the patch fits line 1 of f, but the hunk before/,
  },
  {
    what: "a numbered hunk without an unchanged line",
    content: "a\nb\n",
    lines: ["@@ -1,0 +2,1 @@", "+x"],
    code: "patch_mismatch",
    message: /cannot be verified/,
  },
];

for (const { what, content, lines, code, message } of refusals) {
  test(`it refuses ${what}`, () => {
    assert.throws(
      () => apply(content, ...lines),
      (error) => {
        assert.ok(error instanceof PaddockError, String(error));
        assert.match(error.message, message);
        assert.equal(error.code, code);
        return true;
      },
    );
  });
}

test("a line of five million characters is searched and described in passing", () => {
  const content = `${"word ".repeat(1_000_000)}\n`;
  assert.throws(() => apply(content, "@@", "-word  word", "+x"), { code: "patch_mismatch" });
  assert.equal(apply(content, `-${content.slice(0, -1)}`, "+x").content, "x\n");
});

test("many hunks in a long file of equal lines are refused or applied without endless search", () => {
  const content = "x\n".repeat(100_000);
  const hunks = Array.from({ length: 3000 }, () => ["@@", "-x", "+y"]).flat();
  assert.throws(() => apply(content, ...hunks), { code: "too_large" });
  assert.throws(() => apply(content, "@@", ...Array.from({ length: 50_000 }, () => " x"), "-y"), {
    code: "patch_mismatch",
  });
});
