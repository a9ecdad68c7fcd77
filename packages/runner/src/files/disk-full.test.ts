/** What is written to a full disk: a clear failure, nothing half done, and the next write that fits works. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { onSmallDisk } from "./small-disk.fixture.ts";

test("a full disk is disk_full and leaves what was there as it was", needs("bwrap"), async () => {
  assert.deepEqual(await onSmallDisk(new URL("./disk-full.fixture.ts", import.meta.url)), {
    codes: ["ok", "disk_full", "ok", "disk_full", "disk_full", "ok"],
    names: ["half", "kept", "small"],
    kept: "old",
  });
});
