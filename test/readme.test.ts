/** The README sends readers to places that exist. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readSource, repository } from "./sources.ts";

const readme = readSource("README.md");

/** The paths of the "Where is..." table: what stands in code quotes in the second column. */
function namedPaths(): readonly string[] {
  const section = readme.split(/^## /m).find((part) => part.startsWith("Where is"));
  assert.ok(section, 'README.md has a section that begins with "Where is"');
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.flatMap((row) => [...(row.split("|")[2] ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ""));
}

test('every path of the table "Where is..." exists', () => {
  const paths = namedPaths();
  assert.ok(paths.length >= 10);
  assert.deepEqual(
    paths.filter((path) => !existsSync(join(repository, path))),
    [],
  );
});

test("every link of the root documents leads to a file", () => {
  const documents = ["README.md", "ARCHITECTURE.md", "GLOSSARY.md", "AGENTS.md"];
  const dead = documents.flatMap((document) =>
    [...readSource(document).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)]
      .map((match) => match[1] ?? "")
      .filter((target) => !existsSync(join(repository, target)))
      .map((target) => `${document}: ${target}`),
  );
  assert.deepEqual(dead, []);
});
