/** An audit log on a disk that is full: it says so, and goes on whole when there is room again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { onSmallDisk } from "../files/small-disk.fixture.ts";

test(
  "on a full disk nothing can be recorded; with room again no record is missing or broken",
  needs("bwrap"),
  async () => {
    assert.deepEqual(await onSmallDisk(new URL("./audit-full.fixture.ts", import.meta.url)), {
      ...{ writable: [true, false, true], ok: true, records: 150, faults: [] },
    });
  },
);
