import assert from "node:assert/strict";
import { test } from "node:test";
import { shortened } from "./shorten.ts";

test("an input is masked and shortened, and says that it was", () => {
  const mask = (text: string) => text.replaceAll("secret", "[masked]");
  assert.deepEqual(
    shortened(
      { command: "echo secret", content: "x".repeat(500), deep: [[[["y"]]]], many: Array(22).fill(1), flag: true },
      mask,
    ),
    {
      command: "echo [masked]",
      content: `${"x".repeat(200)}... 500 characters`,
      deep: [[["..."]]],
      many: [...Array(20).fill(1), "... 2 more"],
      flag: true,
    },
  );
});

test("no input makes a large record", () => {
  const wide = (depth: number): unknown =>
    depth === 0
      ? "\0".repeat(1000)
      : Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`${at}${"k".repeat(500)}`, wide(depth - 1)]));
  const text = JSON.stringify(shortened(wide(3), (kept) => kept));
  assert.ok(text.length < 256 * 1024, `${text.length} characters`);
});
