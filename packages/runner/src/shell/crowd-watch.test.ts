import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { CrowdWatch } from "./crowd-watch.ts";

interface Scene {
  crowds: CrowdWatch;
  cage: { taken: number; busy: boolean };
  ended: string[];
  pass(seconds: number): void;
}

/** A watch over one cage with 100 places, in a time of its own. */
function scene(context: Pick<TestContext, "mock">): Scene {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  const cage = { taken: 3, busy: false };
  const ended: string[] = [];
  const crowds = new CrowdWatch({
    maxPlaces: 100,
    places: () => cage.taken,
    busy: () => cage.busy,
    end: async (domain) => void ended.push(domain),
    now: () => now,
  });
  const pass = (seconds: number) => {
    for (let step = 0; step < seconds * 10; step += 1) {
      now += 100;
      context.mock.timers.tick(100);
    }
  };
  return { crowds, cage, ended, pass };
}

test("a cage that a command has left full is ended", (context) => {
  const { crowds, cage, ended, pass } = scene(context);
  crowds.watch("a");
  cage.taken = 95;
  pass(0.2);
  assert.deepEqual(ended, ["a"]);
});

test("one that fills up slowly after its command is ended too", (context) => {
  const { crowds, cage, ended, pass } = scene(context);
  crowds.watch("a");
  for (const taken of [20, 40, 60, 95]) {
    cage.taken = taken;
    pass(0.5);
  }
  assert.deepEqual(ended, ["a"]);
});

test("a command may take all places for a moment", (context) => {
  const { crowds, cage, ended, pass } = scene(context);
  cage.busy = true;
  crowds.watch("a");
  cage.taken = 100;
  pass(4);
  cage.taken = 70;
  pass(4);
  cage.taken = 100;
  pass(4);
  cage.busy = false;
  cage.taken = 3;
  pass(10);
  assert.deepEqual(ended, []);
});

test("a command that waits for places gets a new cage soon", (context) => {
  const { crowds, cage, ended, pass } = scene(context);
  cage.busy = true;
  crowds.watch("a");
  cage.taken = 100;
  pass(2);
  cage.taken = 90;
  pass(1);
  assert.deepEqual(ended, []);
  cage.taken = 100;
  pass(3);
  assert.deepEqual(ended, ["a"]);
});
