/** An audit log on a disk that is full: it says so, and goes on whole when there is room again. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { needs } from "../../../../test/needs.ts";
import { makePlace } from "../tools/place.fixture.ts";

test(
  "on a full disk nothing can be recorded; with room again no record is missing or broken",
  needs("bwrap"),
  async () => {
    await using place = makePlace();
    const cages = await place.cages();
    const repository = fileURLToPath(new URL("../../../..", import.meta.url)).replace(/\/$/, "");
    const finished = await cages.run(
      {
        argv: [process.execPath, fileURLToPath(new URL("./audit-full.fixture.ts", import.meta.url))],
        cwd: place.workspace,
        profile: "workspace",
        domain: "tester",
        roots: [{ path: place.workspace, write: true }],
        mounts: [repository, dirname(process.execPath)].map((path) => ({ path, write: false })),
        limits: { tmpBytes: 1024 * 1024 },
      },
      { maxBytes: 10_000, timeoutMs: 30_000 },
    );
    assert.equal(finished.stderr.toString(), "");
    assert.deepEqual(JSON.parse(finished.stdout.toString()), {
      ...{ writable: [true, false, true], ok: true, records: 150, faults: [] },
    });
  },
);
