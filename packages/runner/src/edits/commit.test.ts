import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { PaddockError } from "@paddock/contract";
import { openRoots } from "../files/open-roots.ts";
import { revisionOf } from "../files/revision.ts";
import type { Roots } from "../files/roots.ts";
import { commit, type FileChange } from "./commit.ts";

function world(files: Record<string, string>) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "paddock-commit-")));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode: 0o640 });
    chmodSync(join(folder, path), 0o640);
  }
  const roots = openRoots({ roots: [{ path: folder, write: true }], hidden: [] });
  return {
    folder,
    roots: roots as Roots,
    change(path: string, before: string | null, after: string | null): FileChange {
      const place = roots.locate(path, folder);
      return {
        place,
        before:
          before === null
            ? null
            : { real: place, content: Buffer.from(before), mode: 0o640, revision: revisionOf(before) },
        after: after === null ? null : { content: Buffer.from(after) },
      };
    },
    /** Every entry with its content, and the mode of files. */
    tree: () =>
      Object.fromEntries(
        readdirSync(folder, { recursive: true, encoding: "utf8" })
          .toSorted()
          .map((path) => {
            const state = statSync(join(folder, path));
            return [
              path,
              state.isDirectory()
                ? "/"
                : `${(state.mode & 0o777).toString(8)} ${readFileSync(join(folder, path), "utf8")}`,
            ];
          }),
      ),
    [Symbol.dispose]() {
      roots[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The roots, of which one operation fails at its n-th call. */
function failingAt(roots: Roots, operation: "settle" | "removeFile" | "stage", nth: number): Roots {
  let calls = 0;
  const isNext = () => calls + 1 === nth;
  const fail = () => {
    calls += 1;
    if (calls === nth) throw new PaddockError("permission_denied", "made to fail");
  };
  return {
    ...roots,
    async stage(place, content, options) {
      if (operation === "stage") fail();
      const staged = await roots.stage(place, content, options);
      const settle = () => {
        if (operation === "settle" && isNext()) staged.discard();
        if (operation === "settle") fail();
        staged.settle();
      };
      return { settle, discard: () => staged.discard() };
    },
    async removeFile(place) {
      if (operation === "removeFile") fail();
      return roots.removeFile(place);
    },
  };
}

const before = { "a.txt": "a\n", "b/b.txt": "b\n", "c.txt": "c\n" };
const changesIn = ({ change }: ReturnType<typeof world>): FileChange[] => [
  change("a.txt", "a\n", "A\n"),
  change("new/deep/n.txt", null, "n\n"),
  change("c.txt", "c\n", null),
  change("b/b.txt", "b\n", "B\n"),
];

test("all changes are made, modes stay", async () => {
  using at = world(before);
  await commit(at.roots, changesIn(at));
  const { "new/deep/n.txt": created, ...rest } = at.tree();
  assert.match(created ?? "", /n\n$/);
  assert.deepEqual(rest, { "a.txt": "640 A\n", b: "/", "b/b.txt": "640 B\n", new: "/", "new/deep": "/" });
});

for (const [operation, nth] of [
  ["stage", 1],
  ["stage", 3],
  ["settle", 1],
  ["settle", 2],
  ["settle", 3],
  ["removeFile", 1],
] as const) {
  test(`when ${operation} number ${nth} fails, everything is as before, directories included`, async () => {
    using at = world(before);
    const tree = at.tree();
    const roots = failingAt(at.roots, operation, nth);
    await assert.rejects(commit(roots, changesIn(at)), { code: "permission_denied", message: "made to fail" });
    assert.deepEqual(at.tree(), tree);
  });
}

for (const [what, disturb] of [
  ["changed", (folder: string) => writeFileSync(join(folder, "b/b.txt"), "other\n")],
  ["removed", (folder: string) => rmSync(join(folder, "b/b.txt"))],
  [
    "made where a new one goes",
    (folder: string) => {
      mkdirSync(join(folder, "new/deep"), { recursive: true });
      writeFileSync(join(folder, "new/deep/n.txt"), "other\n");
    },
  ],
  ["changed before its deletion", (folder: string) => writeFileSync(join(folder, "c.txt"), "other\n")],
] as const) {
  test(`a file that was ${what} meanwhile stops the whole commit`, async () => {
    using at = world(before);
    const changes = changesIn(at);
    disturb(at.folder);
    const tree = at.tree();
    await assert.rejects(
      commit(at.roots, changes),
      (error) => error instanceof PaddockError && ["changed_meanwhile", "path_not_found"].includes(error.code),
    );
    assert.deepEqual(at.tree(), tree);
  });
}

test("what somebody else wrote after us is not overwritten by the rollback, and is named", async () => {
  using at = world(before);
  const roots = failingAt(at.roots, "settle", 3);
  const disturbing: Roots = {
    ...roots,
    async removeFile(place) {
      writeFileSync(join(at.folder, "a.txt"), "theirs\n");
      return roots.removeFile(place);
    },
  };
  await assert.rejects(commit(disturbing, changesIn(at)), {
    code: "internal",
    message: /could not be put back: .*a\.txt\.$/,
  });
  assert.equal(readFileSync(join(at.folder, "a.txt"), "utf8"), "theirs\n");
  assert.equal(readFileSync(join(at.folder, "c.txt"), "utf8"), "c\n");
  assert.equal(existsSync(join(at.folder, "new")), false);
});
