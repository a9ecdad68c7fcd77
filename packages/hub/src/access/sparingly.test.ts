import assert from "node:assert/strict";
import { test } from "node:test";
import { sparingly } from "./sparingly.ts";

test("the same is told once a minute, with how many were left out before it", () => {
  const records = sparingly(2);
  const told = [
    records.tell("a", 0),
    records.tell("a", 1_000),
    records.tell("b", 2_000),
    records.tell("c", 3_000),
    records.tell("a", 61_000),
  ];
  assert.deepEqual(told, [0, null, 1, null, 1]);
});
