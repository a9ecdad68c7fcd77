/** Reads and writes while another thread swaps a directory on the way with a link that leads out. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Worker } from "node:worker_threads";
import { errors } from "@paddock/contract";
import type { Located, Roots } from "./roots.ts";
import { codeOf, fill, makeWorld, picture, type World } from "./tree.fixture.ts";

const attempts = 1500;

/** `dir` is now a directory of the root, now a link to the neighbour, which has the same names in it. */
async function racing(context: TestContext): Promise<World & { stop(): Promise<unknown> }> {
  const world = makeWorld(context, { "dir/file": "inside", "dir/sub/x": "inside" });
  fill(world.outside, { file: "outside", "sub/x": "outside" });
  symlinkSync(world.outside, join(world.root, "link"));
  const workerData = {
    one: join(world.root, "dir"),
    other: join(world.root, "link"),
    spare: join(world.root, "spare"),
  };
  const worker = new Worker(new URL("./swap.fixture.ts", import.meta.url), { workerData });
  await once(worker, "message");
  const stop = () => {
    worker.postMessage("stop");
    return once(worker, "exit");
  };
  return { ...world, stop };
}

async function attack(
  context: TestContext,
  act: (roots: Roots, at: (path: string) => Located, round: number) => Promise<unknown>,
) {
  const { roots, at, outside, stop } = await racing(context);
  const before = picture(outside);
  const codes: Record<string, number> = {};
  for (let round = 0; round < attempts; round += 1) {
    const code = await codeOf(() => act(roots, at, round));
    codes[code] = (codes[code] ?? 0) + 1;
  }
  await stop();
  assert.deepEqual(picture(outside), before);
  const unknown = Object.keys(codes).filter((code) => code !== "ok" && !(code in errors));
  assert.deepEqual(unknown, [], "every failure has a code of the table");
}

test("a racing link never makes a read show what is outside", async (context) => {
  await attack(context, async (roots, at) => {
    assert.equal((await roots.read(at("dir/file"), 100)).toString(), "inside");
  });
});

test("a racing link never makes a write land outside", async (context) => {
  await attack(context, (roots, at, round) =>
    roots.write(at(round % 2 === 0 ? "dir/file" : `dir/new${round}`), Buffer.from("inside")),
  );
});

test("a racing link never makes new directories appear outside", async (context) => {
  await attack(context, (roots, at, round) => roots.makeDirectory(at(`dir/made${round}/deep`)));
});

test("a racing link never makes a removal or a move reach outside", async (context) => {
  await attack(context, async (roots, at, round) => {
    await roots.write(at("dir/sub/x"), Buffer.from("inside"));
    if (round % 2 === 0) await roots.removeDirectory(at("dir/sub"), { recursive: true });
    else await roots.move(at("dir/sub"), at(`moved${round}`), { overwrite: false });
  });
});

test("a racing link never makes a listing show what is outside", async (context) => {
  const { roots, at, outside, stop } = await racing(context);
  fill(outside, { "only-outside": "" });
  for (let round = 0; round < attempts; round += 1) {
    const names = await roots.entries(at("dir")).catch(() => []);
    assert.ok(!names.some(({ name }) => name === "only-outside"));
  }
  await stop();
});
