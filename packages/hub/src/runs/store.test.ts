import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { newId, ownMachine, type RunId } from "@paddock/contract";
import { openDatabase } from "../database/database.ts";
import { openBatchStore } from "./batch-store.ts";
import { openRunStore } from "./store.ts";

const bytes = Buffer.from("{}");

function world(maxResultBytes = 1e9) {
  const database = openDatabase(":memory:");
  const store = openRunStore(database, maxResultBytes);
  const add = (finishedAt: number | null, keep = true, envelope = bytes) => {
    const id = newId("run");
    const row = {
      id,
      machine: ownMachine,
      principal: "p",
      surface: "rest",
      tool: "glob",
      workspace: null,
      inputHash: "h",
      deadline: 9,
    };
    store.insert({ ...row, idempotencyKey: null, createdAt: 1 }, "soon");
    if (finishedAt !== null) {
      store.finish(id, { state: "completed", ok: true, envelope, content: null, at: finishedAt }, keep, "soon");
    }
    return id;
  };
  return { store, add, batches: openBatchStore(database) };
}

test("runs that ended long ago are forgotten with their results, a few at a time; open ones stay", () => {
  const { store, add } = world();
  const [old, older, recent, open] = [add(10), add(5), add(100), add(null)];
  assert.deepEqual([store.prune(50, 1), store.prune(50, 5), store.prune(50, 5)], [1, 1, 0]);
  assert.deepEqual(
    [old, older, recent, open].map((id) => [store.find(id)?.id, store.result(id)?.envelope]),
    [
      [undefined, undefined],
      [undefined, undefined],
      [recent, bytes],
      [open, undefined],
    ],
  );
  assert.deepEqual(
    store.open().map(({ id }) => id),
    [open],
  );
});

test("what a batch is made of stays until the batch itself has ended long ago", () => {
  const { store, add, batches } = world();
  const [part, batch] = [add(10), add(null)];
  const calls = [{ run: part, held: true, released: true }];
  batches.insert({ run: batch, atOnce: 1, failFast: false, cancelled: false, calls });
  assert.deepEqual([store.prune(50, 5), store.find(part)?.id], [0, part]);
  store.finish(batch, { state: "completed", ok: true, envelope: bytes, content: null, at: 40 }, true, "now");
  assert.deepEqual([store.prune(50, 5), store.find(part), store.find(batch)], [2, null, null]);
});

test("an end never changes, and a read that was delivered leaves no bytes", () => {
  const { store, add } = world();
  const run = add(10, false);
  store.finish(run, { state: "failed", ok: false, envelope: bytes, content: null, at: 20 }, true, "now");
  const row = store.find(run);
  assert.deepEqual([row?.state, row?.ok, row?.finished_at, store.result(run)], ["completed", 1, 10, null]);
});

test("answers have so much room altogether, and the oldest make room for the newest; the runs themselves stay", async () => {
  const { store, add } = world(10_000);
  const runs: RunId[] = [];
  for (let at = 0; at < 30; at += 1) {
    runs.push(add(at, true, Buffer.alloc(1_000)));
    // Ids tell their millisecond.
    await delay(2);
  }
  const kept = runs.filter((run) => store.result(run) !== null);
  assert.ok(kept.length >= 9 && kept.length <= 10, String(kept.length));
  assert.deepEqual(kept, runs.slice(-kept.length));
  assert.equal(
    runs.every((run) => store.find(run)?.state === "completed"),
    true,
  );
  store.prune(1_000, 100);
  const later = Array.from({ length: 5 }, (_, at) => add(2_000 + at, true, Buffer.alloc(1_000)));
  assert.equal(
    later.every((run) => store.result(run) !== null),
    true,
  );
});
