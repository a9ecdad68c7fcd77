/** The documents send readers to places that exist. */
import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { readSource, repository } from "./sources.ts";

const exists = (path: string): boolean => existsSync(join(repository, path));

/** The paths of the "Where is..." table: what stands in code quotes in the second column. */
function namedPaths(): readonly string[] {
  const section = readSource("README.md")
    .split(/^## /m)
    .find((part) => part.startsWith("Where is"));
  assert.ok(section, 'README.md has a section that begins with "Where is"');
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.flatMap((row) => [...(row.split("|")[2] ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ""));
}

/** The files that a document links to, from the repository's root. */
const linkedFiles = (document: string): readonly string[] =>
  [...readSource(document).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map((match) =>
    join(dirname(document), match[1] ?? ""),
  );

test('every path of the table "Where is..." exists', () => {
  const paths = namedPaths();
  assert.ok(paths.length >= 10);
  assert.deepEqual(
    paths.filter((path) => !exists(path)),
    [],
  );
});

test("every link of the documents leads to a file", () => {
  const dead = globSync(["*.md", "docs/**/*.md"], { cwd: repository }).flatMap((document) =>
    linkedFiles(document)
      .filter((target) => !exists(target))
      .map((target) => `${document}: ${target}`),
  );
  assert.deepEqual(dead, []);
});

test("the list of decisions names every decision", () => {
  const listed = linkedFiles("docs/decisions/README.md").toSorted();
  const there = globSync("docs/decisions/[0-9]*.md", { cwd: repository }).toSorted();
  assert.deepEqual(listed, there);
});
