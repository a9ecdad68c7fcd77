/** Runs a program of a test where the disk is small: in a cage whose /tmp holds a megabyte. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { makePlace } from "../tools/place.fixture.ts";

/** What the program prints, which is JSON. */
export async function onSmallDisk(program: URL): Promise<unknown> {
  await using place = makePlace();
  const cages = await place.cages();
  const repository = fileURLToPath(new URL("../../../..", import.meta.url)).replace(/\/$/, "");
  const finished = await cages.run(
    {
      argv: [process.execPath, fileURLToPath(program)],
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
  return JSON.parse(finished.stdout.toString());
}
