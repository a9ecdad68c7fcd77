import assert from "node:assert/strict";
import { test } from "node:test";
import { turns } from "./turns.ts";

test("no more tasks than allowed run at a time, in order, and a failing one makes room", async () => {
  const inTurn = turns(2);
  const started: number[] = [];
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const runs = gates.map((gate, at) =>
    inTurn(async () => {
      started.push(at);
      await gate.promise;
    }),
  );
  assert.deepEqual(started, [0, 1]);
  gates[1]?.reject(new Error("no"));
  await assert.rejects(runs[1] ?? Promise.resolve());
  assert.deepEqual(started, [0, 1, 2]);
  for (const gate of gates) gate.resolve();
  await Promise.all([runs[0], runs[2], runs[3]]);
  assert.deepEqual(started, [0, 1, 2, 3]);
});
