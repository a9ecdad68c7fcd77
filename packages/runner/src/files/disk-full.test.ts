/** What is written to a full disk: a clear failure, nothing half done, and the next write that fits works. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { needs } from "../../../../test/needs.ts";
import { makePlace } from "../tools/place.fixture.ts";

test("a full disk is disk_full and leaves what was there as it was", needs("bwrap"), async () => {
  await using place = makePlace();
  const cages = await place.cages();
  const repository = fileURLToPath(new URL("../../../..", import.meta.url)).replace(/\/$/, "");
  const finished = await cages.run(
    {
      argv: [process.execPath, fileURLToPath(new URL("./disk-full.fixture.ts", import.meta.url))],
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
    codes: ["ok", "disk_full", "ok", "disk_full", "disk_full", "ok"],
    names: ["half", "kept", "small"],
    kept: "old",
  });
});
