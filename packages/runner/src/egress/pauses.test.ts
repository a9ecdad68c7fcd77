import assert from "node:assert/strict";
import { test } from "node:test";
import { Pauses } from "./pauses.ts";

test("time stands still while a question of the same domain is open, also for what begins meanwhile", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.mock.method(performance, "now", () => now);
  let now = 0;
  const pass = (ms: number) => {
    now += ms;
    t.mock.timers.tick(ms);
  };
  const pauses = new Pauses();
  const over: string[] = [];
  pauses.timerFor("a")(100, () => over.push("before"));
  pauses.timerFor("b")(100, () => over.push("other"));
  pass(60);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const waits = [first, second].map(({ promise }) => pauses.during("a", () => promise));
  pauses.timerFor("a")(50, () => over.push("meanwhile"));
  const stop = pauses.timerFor("a")(50, () => over.push("stopped"));
  pass(1000);
  assert.deepEqual(over, ["other"]);
  first.resolve();
  await waits[0];
  pass(1000);
  assert.deepEqual(over, ["other"]);
  stop();
  second.reject(new Error("nobody answered"));
  await assert.rejects(waits[1] ?? Promise.resolve());
  pass(39);
  assert.deepEqual(over, ["other"]);
  pass(1);
  assert.deepEqual(over, ["other", "before"]);
  pass(10);
  assert.deepEqual(over, ["other", "before", "meanwhile"]);
});
