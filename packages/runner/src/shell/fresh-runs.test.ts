import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { needs } from "../../../../test/needs.ts";
import { makeCages } from "../sandbox/cages.fixture.ts";
import { FreshRuns } from "./fresh-runs.ts";

const withBwrap = needs("bwrap");

test("commands with a cage each are bounded in number, for each domain by itself", withBwrap, async () => {
  await using place = await makeCages();
  const fresh = new FreshRuns(place.cages, 2);
  const start = (domain: string) => fresh.start(place.spec({ domain, argv: ["sleep", "300"] }));
  const [first] = await Promise.all([start("one"), start("one"), start("other")]);
  await assert.rejects(start("one"), { code: "too_many" });
  await first?.kill(0);
  await (await start("one")).kill(0);
  await fresh.end(() => true);
});

test("commands by themselves end with their domain, also outside of any cage", withBwrap, async () => {
  await using place = await makeCages();
  const fresh = new FreshRuns(place.cages, 4);
  const start = async (domain: string, noCage: boolean) => {
    const argv = ["/bin/bash", "-c", "sleep 300 & echo begun; wait"];
    const caged = await fresh.start(place.spec({ domain, noCage, argv }));
    await once(caged.stdout, "data");
    return caged;
  };
  const [caged, uncaged, other] = await Promise.all([start("mine", false), start("mine", true), start("other", false)]);
  await fresh.end((domain) => domain === "mine");
  const left = [caged, uncaged, other].map((one) => one.members().length > 0);
  await fresh.end(() => true);
  assert.deepEqual(left, [false, false, true]);
});

test(
  "a cage that has ended has no processes, whoever gets the number of its namespace after it",
  withBwrap,
  async () => {
    await using place = await makeCages();
    const start = () => place.cages.start(place.spec({ argv: ["/bin/bash", "-c", "sleep 300 & wait"] }));
    const running = async () => {
      const one = await start();
      while (one.members().length < 2) await wait(5);
      return one;
    };
    const first = await running();
    await first.kill(0);
    const later = await Promise.all([running(), running(), running()]);
    assert.deepEqual([first.members(), first.places()], [[], 0]);
    await Promise.all(later.map((one) => one.kill(0)));
  },
);
