import assert from "node:assert/strict";
import { test } from "node:test";
import { PaddockError } from "@paddock/contract";
import { replaceRegex } from "./regex.ts";
import { parseTemplate } from "./replacement-template.ts";

const replace = (content: string, pattern: string, replacement: string, flags = "g") =>
  replaceRegex(
    { content, pattern, replacement, flags, maxCharacters: 1_000_000 },
    { timeoutMs: 20_000, signal: new AbortController().signal, name: "a.txt" },
  );

const code = (wanted: string) => (error: unknown) => error instanceof PaddockError && error.code === wanted;

test("groups, names, the match and dollar signs stand in the replacement as in JavaScript", () => {
  const parts = parseTemplate("$1-$<n>-$&-$$-$9-$12-$<x>-$", 2, { n: 2 });
  assert.deepEqual(parts, [1, "-", 2, "-", 0, "-", "$", "-$9-", 1, "2-$<x>-$"]);
});

const cases: [
  what: string,
  content: string,
  pattern: string,
  replacement: string,
  flags: string,
  result: string,
  count: number,
][] = [
  ["all matches with g", "a1b2", "([a-z])(\\d)", "$2$1", "g", "1a2b", 2],
  ["the first match without g", "aaa", "a", "b", "", "baa", 1],
  ["any case with i", "Foo FOO", "foo", "x", "gi", "x x", 2],
  ["line by line with m", "a\nb\n", "^", "> ", "gm", "> a\n> b\n> ", 3],
  ["over lines with s", "a\nb", "a.b", "x", "gs", "x", 1],
  ["named groups", "k=v", "(?<key>\\w)=(?<value>\\w)", "$<value>=$<key>", "g", "v=k", 1],
  ["characters outside the basic plane", "😀a😀", "😀", "$&$&", "g", "😀😀a😀😀", 2],
  ["nothing where nothing matches", "abc", "x", "y", "g", "abc", 0],
];

for (const [what, content, pattern, replacement, flags, result, count] of cases) {
  test(`it replaces ${what}`, async () => {
    const { content: changed, count: times } = await replace(content, pattern, replacement, flags);
    assert.deepEqual([changed, times], [result, count]);
  });
}

test("a pattern that makes other engines backtrack for ever is quick", async () => {
  const content = `${"a".repeat(50_000)}!`;
  assert.equal((await replace(content, "^(a+)+$", "x")).count, 0);
});

test("look-around, back-references and broken patterns are refused with the engine's reason", async () => {
  for (const pattern of ["a(?=b)", "(a)\\1", "(a", "a{2000}"]) {
    await assert.rejects(replace("aab", pattern, "x"), code("invalid_pattern"));
  }
});

test("work that would take hours is ended after its time", async () => {
  const request = {
    content: "a".repeat(3_000_000),
    pattern: "a.*z|a",
    replacement: "b",
    flags: "gs",
    maxCharacters: 1e9,
  };
  const options = { timeoutMs: 300, signal: new AbortController().signal, name: "a.txt" };
  await assert.rejects(replaceRegex(request, options), code("timeout"));
});

test("a cancelled call ends the search", async () => {
  const controller = new AbortController();
  const request = {
    content: "a".repeat(3_000_000),
    pattern: "a.*z|a",
    replacement: "b",
    flags: "gs",
    maxCharacters: 1e9,
  };
  const search = replaceRegex(request, { timeoutMs: 60_000, signal: controller.signal, name: "a.txt" });
  controller.abort();
  await assert.rejects(search, code("cancelled"));
});

test("a result beyond the limit is refused before it fills the memory", async () => {
  await assert.rejects(replace("a".repeat(100_000), "a", "b".repeat(100_000)), code("file_too_large"));
});
