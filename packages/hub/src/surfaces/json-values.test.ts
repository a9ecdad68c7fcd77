import assert from "node:assert/strict";
import { test } from "node:test";
import { hasTooManyValues } from "./json-values.ts";

const most = 200_000;
const answers = (value: unknown) =>
  hasTooManyValues(Buffer.from(typeof value === "string" ? value : JSON.stringify(value)));

test("what holds too many values is told, however they are arranged", () => {
  assert.equal(answers(`${"[".repeat(most + 1)}${"]".repeat(most + 1)}`), true);
  assert.equal(answers(`[${"[],".repeat(most)}[]]`), true);
  assert.equal(answers(new Array(most + 1).fill(1)), true);
  assert.equal(answers({ list: new Array(most / 2).fill({ a: 1 }) }), true);
});

test("a long text is one value, whatever is in it", () => {
  const marks = '[{,"\\'.repeat(most);
  assert.equal(answers({ path: "a", content: marks, more: [marks, "\\", '\\"', "\\\\"] }), false);
  assert.equal(answers(new Array(1000).fill({ old: "[[[[", new: "]]]" })), false);
  assert.equal(answers(`"${",".repeat(most * 2)}`), false);
});
