/** A sandbox that dies at once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import type { CageSpec } from "../sandbox/cage.ts";
import { makeCages } from "../sandbox/cages.fixture.ts";
import { makeShells, said } from "../tools/shell.fixture.ts";

test(
  "what cannot begin because its cage dies at once says so, and the next one that lives is used",
  needs("bwrap"),
  async () => {
    await using own = await makeCages();
    let mounts: NonNullable<CageSpec["mounts"]> = [{ path: "/nowhere/at/all", write: false }];
    const start = (spec: CageSpec) => own.cages.start({ ...spec, mounts: [...(spec.mounts ?? []), ...mounts] });
    await using at = await makeShells({ cages: { ...own.cages, start } });
    const dead = { code: "sandbox_unavailable", message: /^The cage ended before anything could run in it: bwrap: / };
    await assert.rejects(at.run("echo ran"), dead);
    await assert.rejects(at.ask("start_process", { command: "sleep 1" }), dead);
    await assert.rejects(at.run("echo ran"), dead);
    mounts = [];
    assert.deepEqual(await at.run("echo ran"), said("ran\n"));
  },
);
