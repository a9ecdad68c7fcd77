import assert from "node:assert/strict";
import { test } from "node:test";
import { newId, ownMachine } from "@paddock/contract";
import { openDatabase } from "../database/database.ts";
import { openRunStore } from "./store.ts";

const bytes = Buffer.from("{}");

function world() {
  const store = openRunStore(openDatabase(":memory:"));
  const add = (finishedAt: number | null, keep = true) => {
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
      store.finish(id, { state: "completed", ok: true, envelope: bytes, content: null, at: finishedAt }, keep, "soon");
    }
    return id;
  };
  return { store, add };
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

test("an end never changes, and a read that was delivered leaves no bytes", () => {
  const { store, add } = world();
  const run = add(10, false);
  store.finish(run, { state: "failed", ok: false, envelope: bytes, content: null, at: 20 }, true, "now");
  const row = store.find(run);
  assert.deepEqual([row?.state, row?.ok, row?.finished_at, store.result(run)], ["completed", 1, 10, null]);
});
