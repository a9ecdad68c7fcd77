import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStatus } from "./status.ts";

const records = (...list: string[]) => list.map((record) => `${record}\0`).join("");
const oid = "0123456789012345678901234567890123456789";

test("every kind of record becomes a file with its letters", () => {
  const text = records(
    `# branch.oid ${oid}`,
    "# branch.head main",
    "# branch.upstream origin/main",
    "# branch.ab +2 -1",
    `1 .M N... 100644 100644 100644 ${oid} ${oid} a file with spaces.txt`,
    `2 R. N... 100644 100644 100644 ${oid} ${oid} R100 new name`,
    "old name",
    `u UU N... 100644 100644 100644 100644 ${oid} ${oid} ${oid} torn`,
    "? loose\u001b[31m",
  );
  assert.deepEqual(parseStatus(text), {
    branch: "main",
    head: oid,
    upstream: "origin/main",
    ahead: 2,
    behind: 1,
    clean: false,
    files: [
      { path: "a file with spaces.txt", index: ".", worktree: "M" },
      { path: "new name", index: "R", worktree: ".", from: "old name" },
      { path: "torn", index: "U", worktree: "U" },
      { path: "loose\u001b[31m", index: "?", worktree: "?" },
    ],
    truncated: false,
    text: "## main...origin/main [ahead 2, behind 1]\n M a file with spaces.txt\nR  old name -> new name\nUU torn\n?? loose\\u{1b}[31m",
  });
});

test("an unborn branch, a detached head and a list that was cut are told", () => {
  const unborn = parseStatus(records("# branch.oid (initial)", "# branch.head main"));
  assert.deepEqual([unborn.head, unborn.branch, unborn.clean], [null, "main", true]);
  const detached = parseStatus(records(`# branch.oid ${oid}`, "# branch.head (detached)"));
  assert.deepEqual([detached.branch, detached.text], [null, "## HEAD (no branch)"]);
  const cut = parseStatus(`${records("# branch.head main", "? whole")}? hal`, true);
  assert.deepEqual([cut.files.map(({ path }) => path), cut.truncated], [["whole"], true]);
});
