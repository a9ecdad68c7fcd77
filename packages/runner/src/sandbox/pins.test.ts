import assert from "node:assert/strict";
import { existsSync, mkdirSync, readlinkSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { makeCages, type TestCages } from "./cages.fixture.ts";
import { gitGuard } from "./git-guard.ts";
import { Pins } from "./pins.ts";

const withBwrap = needs("bwrap");

/** A folder of the owner beside the workspace, with something in it. */
function makeOutside({ ownerHome }: TestCages): string {
  const outside = join(ownerHome, "other");
  mkdirSync(join(outside, "hooks"), { recursive: true });
  for (const name of ["config", "diary"]) writeFileSync(join(outside, name), "private");
  return outside;
}

test("a root that a link has taken the place of is not shown", withBwrap, async () => {
  await using place = await makeCages();
  const inner = join(place.workspace, "inner");
  symlinkSync(makeOutside(place), inner);
  const roots = [{ path: inner, write: true }];
  await assert.rejects(place.cages.start(place.spec({ roots })), { code: "path_outside_roots" });
});

test("a mount that was allowed is not made when a link leads elsewhere by then", withBwrap, async () => {
  await using place = await makeCages();
  const allowed = join(place.ownerHome, "allowed");
  symlinkSync(makeOutside(place), allowed);
  const mounts = [{ path: join(allowed, "diary"), write: false, exact: true }];
  await assert.rejects(place.cages.start(place.spec({ mounts })), { code: "path_outside_roots" });
});

test("what guards a repository is mounted from where it was looked at, whatever its names lead to by then", async () => {
  await using place = await makeCages("none");
  const outside = makeOutside(place);
  const git = join(place.workspace, ".git");
  mkdirSync(git);
  using pins = new Pins(0);
  const steps = gitGuard(place.workspace, pins.at(place.workspace), pins);
  renameSync(git, join(place.workspace, "aside"));
  symlinkSync(outside, git);
  const mounted = steps.map((step) => (step.type === "bind" ? step.pin.fd : -1));
  const aside = join(place.workspace, "aside");
  assert.deepEqual(
    mounted.map((handle) => readlinkSync(`/proc/self/fd/${handle}`)),
    [aside, join(aside, "config"), join(aside, "hooks")],
  );
});

test(
  "a program that exchanges .git for a link opens nothing outside to the cages that start meanwhile",
  withBwrap,
  async () => {
    await using place = await makeCages();
    const outside = makeOutside(place);
    const exchanging = `mkdir .git; ln -s ${outside} link; echo on
    while :; do mv -T .git d; mv -T link .git; sleep 0.003; mv -T .git link; mv -T d .git; sleep 0.003; done`;
    const attacker = await place.cages.start(place.spec({ argv: ["/bin/bash", "-c", exchanging] }));
    await new Promise((resolve) => attacker.stdout.once("data", resolve));
    const seen: string[] = [];
    for (let round = 0; round < 25; round += 1) {
      seen.push((await place.script("cat .git/diary 2>/dev/null && touch .git/planted")).stdout);
    }
    await attacker.kill(0);
    assert.deepEqual([seen.join(""), existsSync(join(outside, "planted"))], ["", false]);
  },
);
