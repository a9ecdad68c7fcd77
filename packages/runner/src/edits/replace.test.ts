import assert from "node:assert/strict";
import { test } from "node:test";
import { PaddockError } from "@paddock/contract";
import { replaceText } from "./replace.ts";

const options = { name: "a.txt", maxCharacters: 10_000 };
const replace = (content: string, oldText: string, newText: string, replaceAll = false) =>
  replaceText(content, { oldText, newText, replaceAll }, options);

const cases: {
  what: string;
  content: string;
  from: string;
  to: string;
  all?: boolean;
  result: ReturnType<typeof replace>;
}[] = [
  {
    what: "the one place",
    content: "one two three",
    from: "two",
    to: "2",
    result: { content: "one 2 three", count: 1, match: "exact" },
  },
  {
    what: "dollar signs as they stand",
    content: "price",
    from: "price",
    to: "$& $1 $$ $`",
    result: { content: "$& $1 $$ $`", count: 1, match: "exact" },
  },
  {
    what: "all places when asked",
    content: "a b a b a",
    from: "a",
    to: "aa",
    all: true,
    result: { content: "aa b aa b aa", count: 3, match: "exact" },
  },
  {
    what: "text across lines with the file's CRLF",
    content: "a\r\nb\r\nc\r\n",
    from: "a\nb",
    to: "a\nx\nb",
    result: { content: "a\r\nx\r\nb\r\nc\r\n", count: 1, match: "line_endings" },
  },
  {
    what: "a part of a line by several lines with that line's ending",
    content: "a\r\nb\r\n",
    from: "b",
    to: "b\nc",
    result: { content: "a\r\nb\r\nc\r\n", count: 1, match: "line_endings" },
  },
  {
    what: "a part of a line in a CRLF file",
    content: "a\r\nb\r\n",
    from: "b",
    to: "c",
    result: { content: "a\r\nc\r\n", count: 1, match: "exact" },
  },
  {
    what: "mixed endings line by line",
    content: "a\nb\r\nc\n",
    from: "a\nb\nc\n",
    to: "1\n2\n3\n4\n",
    result: { content: "1\n2\r\n3\n4\n", count: 1, match: "line_endings" },
  },
  {
    what: "every place of a mixed file",
    content: "x\ny\nx\r\ny\r\n",
    from: "x\ny",
    to: "z\ny",
    all: true,
    result: { content: "z\ny\nz\r\ny\r\n", count: 2, match: "line_endings" },
  },
  {
    what: "CRLF in the old text of an LF file",
    content: "a\nb\n",
    from: "a\r\nb",
    to: "c\r\nd",
    result: { content: "c\nd\n", count: 1, match: "line_endings" },
  },
  {
    what: "exactly what is given where it names CRLF",
    content: "a\r\nb\r\n",
    from: "a\r\nb",
    to: "a\nb",
    result: { content: "a\nb\r\n", count: 1, match: "exact" },
  },
  {
    what: "characters outside the basic plane",
    content: "a 😀\r\nb\r\n",
    from: "😀\nb",
    to: "🙂\nb",
    result: { content: "a 🙂\r\nb\r\n", count: 1, match: "line_endings" },
  },
];

for (const { what, content, from, to, all, result } of cases) {
  test(`it replaces ${what}`, () => assert.deepEqual(replace(content, from, to, all), result));
}

const refusals: {
  what: string;
  content: string;
  from: string;
  to: string;
  all?: boolean;
  code: string;
  message: RegExp;
}[] = [
  { what: "equal texts", content: "a", from: "a", to: "a", code: "no_change", message: /the same/ },
  {
    what: "text in two places",
    content: "a\nb\na\n",
    from: "a",
    to: "c",
    code: "text_ambiguous",
    message: /stands at 2 places in a\.txt: lines 1, 3\./,
  },
  {
    what: "text that overlaps itself",
    content: "aaa",
    from: "aa",
    to: "b",
    code: "text_ambiguous",
    message: /2 places/,
  },
  {
    what: "text that stands with either ending",
    content: "a\nb\na\r\nb\r\n",
    from: "a\nb",
    to: "c",
    code: "text_ambiguous",
    message: /lines 1, 3/,
  },
  {
    what: "text in very many places",
    content: "a\n".repeat(500),
    from: "a",
    to: "b",
    code: "text_ambiguous",
    message: /more than 10 places/,
  },
  {
    what: "text that is not there",
    content: "function f() {\n  return 1;\n}\n",
    from: "  return 2;",
    to: "x",
    code: "text_not_found",
    message: /line 2 is " {2}return 1;" where " {2}return 2;" was given/,
  },
  {
    what: "text with other indentation",
    content: "if (x) {\n\tdo();\n}\n",
    from: "    do();",
    to: "x",
    code: "text_not_found",
    message: /line 2 is "\\tdo\(\);" where " {4}do\(\);" was given/,
  },
  {
    what: "text like nothing there",
    content: "a\n",
    from: "entirely different",
    to: "x",
    code: "text_not_found",
    message: /Nothing in the file \(1 lines\) is like it/,
  },
  {
    what: "growth beyond the limit",
    content: "a".repeat(1000),
    from: "a",
    to: "b".repeat(1000),
    all: true,
    code: "file_too_large",
    message: /would grow to 1000000 characters/,
  },
];

for (const { what, content, from, to, all, code, message } of refusals) {
  test(`it refuses ${what} and says why`, () => {
    assert.throws(
      () => replace(content, from, to, all),
      (error) => error instanceof PaddockError && error.code === code && message.test(error.message),
    );
  });
}
