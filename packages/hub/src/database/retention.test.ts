import assert from "node:assert/strict";
import { test } from "node:test";
import { PaddockError } from "@paddock/contract";
import { startRetention } from "./retention.ts";

const day = 86_400_000;

test("what ended long ago is forgotten a few at a time, soon again while there is more, and every hour", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 100 * day });
  const asked: [before: number, limit: number][] = [];
  const left = [200, 7];
  const stop = startRetention({
    forget: [() => 0, (...all) => asked.push(all) && (left.shift() ?? 0)],
    keepDays: 7,
    log: { warn: () => assert.fail("nothing goes wrong") },
  });
  context.mock.timers.tick(30_000);
  context.mock.timers.tick(100);
  assert.deepEqual(asked, [
    [93 * day + 30_000, 200],
    [93 * day + 30_100, 200],
  ]);
  context.mock.timers.tick(3_600_000);
  assert.equal(asked.length, 3);
  stop();
  context.mock.timers.tick(10 * 3_600_000);
  assert.equal(asked.length, 3);
});

test("a database that cannot be written now is tried again later, and keeps nothing else from being forgotten", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const warned: string[] = [];
  let forgotten = 0;
  const stop = startRetention({
    forget: [
      () => {
        throw new PaddockError("disk_full", "There is no room.");
      },
      () => {
        forgotten += 1;
        return 0;
      },
    ],
    keepDays: 7,
    log: { warn: (_: object, text?: string) => void warned.push(String(text)) },
  });
  context.mock.timers.tick(30_000);
  context.mock.timers.tick(3_600_000);
  assert.deepEqual([warned.length, forgotten], [2, 2]);
  stop();
});
