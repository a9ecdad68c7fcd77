/** A reader learns what a file is for before reading it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readSource, sourceFiles } from "./sources.ts";

const comment = /^(\/\*\*[\s\S]+?\*\/|\/\/ .+)/;
const importStatement = /^import[\s\S]*?;\n/;

/** Whether a comment stands at the head, or right after the imports when the file is one exported thing. */
function saysWhatItIsFor(source: string): boolean {
  let rest = source.replace(/^#!.*\n/, "");
  if (comment.test(rest)) return true;
  while (importStatement.test(rest)) rest = rest.replace(importStatement, "");
  return comment.test(rest.trimStart());
}

test("every source file says what it is for before its first statement", () => {
  const without = sourceFiles().filter((file) => !saysWhatItIsFor(readSource(file)));
  assert.deepEqual(without, []);
});
