import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { makeCages } from "../sandbox/cages.fixture.ts";
import { collect } from "../sandbox/collect.ts";
import { holdScripts } from "./approved-scripts.ts";

const withBwrap = needs("bwrap");
const digestOf = (text: string) => createHash("sha256").update(text).digest("hex");

function ground() {
  const folder = mkdtempSync(join(tmpdir(), "paddock-scripts-"));
  const root = join(folder, "root");
  mkdirSync(root);
  const store = join(folder, "store");
  return {
    ...{ root, store, roots: [{ path: root, write: true }] },
    held: () => (existsSync(store) ? readdirSync(store) : []),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

test("a script where agents write is held as a copy until the run has ended; others are left alone", async () => {
  using at = ground();
  const path = join(at.root, "deploy.sh");
  writeFileSync(path, "echo good\n");
  const approved = [
    { path, digest: digestOf("echo good\n") },
    { path: "/bin/sh", digest: "" },
  ];
  const { mounts, release } = await holdScripts(approved, at.roots, at.store);
  assert.deepEqual(
    mounts.map(({ at: place, write }) => [place, write]),
    [[path, false]],
  );
  assert.equal(at.held().length, 1);
  release();
  assert.deepEqual(at.held(), []);
});

test("a script that is another one by now, or gone, is not run", async () => {
  using at = ground();
  const path = join(at.root, "deploy.sh");
  const approved = [{ path, digest: digestOf("echo good\n") }];
  await assert.rejects(holdScripts(approved, at.roots, at.store), { code: "approval_stale" });
  writeFileSync(path, "echo evil\n");
  await assert.rejects(holdScripts(approved, at.roots, at.store), { code: "approval_stale" });
  assert.deepEqual(at.held(), []);
});

test(
  "what runs is the copy, with and without a cage, though the original is rewritten meanwhile",
  withBwrap,
  async () => {
    await using place = await makeCages();
    using at = ground();
    const path = join(place.workspace, "deploy.sh");
    const good = 'read -r line; echo "good $line $0"\n';
    for (const noCage of [false, true]) {
      writeFileSync(path, good);
      const roots = [{ path: place.workspace, write: true }];
      const { mounts, release } = await holdScripts([{ path, digest: digestOf(good) }], roots, at.store);
      const argv = ["/bin/bash", "-c", "bash ./deploy.sh"];
      const caged = await place.cages.start(place.spec({ argv, noCage, mounts, cwd: place.workspace }));
      writeFileSync(path, "echo evil\n");
      const { stdout, stderr, code } = await collect(caged, { input: "on\n", maxBytes: 4096, timeoutMs: 30_000 });
      assert.deepEqual([stdout.toString(), stderr.toString(), code], ["good on ./deploy.sh\n", "", 0]);
      release();
    }
  },
);
