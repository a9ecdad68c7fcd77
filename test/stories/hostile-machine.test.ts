/** A machine that works against Paddock: a directory swapped under its feet, and a disk that is full. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { needs } from "../needs.ts";
import { callers } from "../world/callers.ts";
import { startWorld } from "../world/world.ts";

/** Swaps `swap` between a directory and a link to a place outside, as fast as it can, until it is ended. */
const swapper = `
  const { renameSync, rmSync, symlinkSync } = require("node:fs");
  const { workerData: { at, outside } } = require("node:worker_threads");
  const clear = () => rmSync(at, { recursive: true, force: true });
  const tried = (step) => { try { step(); return true; } catch { return false; } };
  const swap = (step) => tried(step) || tried(clear);
  for (;;) {
    swap(() => renameSync(at, at + ".aside"));
    swap(() => symlinkSync(outside, at));
    tried(clear);
    swap(() => renameSync(at + ".aside", at));
  }`;

test("a parent swapped by a racing thread never lets a write, a read or a listing out", needs("bwrap"), async () => {
  await using world = await startWorld();
  await using agent = await callers.REST(world);
  const [at, outside] = [join(world.workspace, "swap"), join(world.workspace, "..", "outside")];
  for (const folder of [at, outside]) mkdirSync(folder);
  const worker = new Worker(swapper, { eval: true, workerData: { at, outside } });
  const codes = new Set<string>();
  for (let round = 0; round < 150; round += 1) {
    const written = await agent.call("write_file", { path: `swap/${round}.txt`, content: "x" });
    const listed = await agent.call("list_directory", { path: "swap" });
    for (const { ok, data } of [written, listed]) codes.add(ok ? "ok" : data.code);
  }
  await worker.terminate();
  assert.deepEqual(readdirSync(outside), []);
  const expected = new Set(["ok", "path_outside_roots", "path_not_found", "not_a_directory", "changed_meanwhile"]);
  assert.deepEqual(
    [...codes].filter((code) => !expected.has(code)),
    [],
  );
  assert.equal((await agent.call("write_file", { path: "after.txt", content: "x" })).ok, true);
});

const smallDisk = ({ workspace }: { workspace: string }) => [
  "bwrap",
  "--die-with-parent",
  "--dev-bind",
  "/",
  "/",
  "--size",
  String(1024 * 1024),
  "--tmpfs",
  workspace,
  "--",
];

test(
  "a full disk: the write is refused whole, what was there stays, and the next call works",
  needs("bwrap"),
  async () => {
    await using world = await startWorld({ within: smallDisk });
    await using agent = await callers.REST(world);
    assert.equal((await agent.call("write_file", { path: "kept.txt", content: "kept" })).ok, true);
    const content = "x".repeat(2 * 1024 * 1024);
    const full = await agent.call("write_file", { path: "kept.txt", content });
    assert.deepEqual([full.ok, full.data.code], [false, "disk_full"]);
    const patch = `*** Begin Patch\n*** Add File: big.txt\n+${content}\n*** Update File: kept.txt\n@@\n-kept\n+changed\n*** End Patch`;
    const patched = await agent.call("apply_patch", { patch });
    assert.deepEqual([patched.ok, patched.data.code], [false, "disk_full"]);
    const left = await agent.call("list_directory", { path: "." });
    assert.deepEqual(
      left.data.entries.map(({ name }: { name: string }) => name),
      ["kept.txt"],
    );
    assert.equal((await agent.call("read_text_file", { path: "kept.txt" })).data.content, "kept");
    assert.equal(existsSync(join(world.workspace, "kept.txt")), false);
  },
);
