/** The rows as a whole: how many there are, that each is told apart from the others, and that each is tried. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { mechanisms } from "./mechanisms/index.ts";

const least = 440;

test(`there are at least ${least} mechanisms`, () => {
  assert.ok(mechanisms.length >= least, `${mechanisms.length}`);
});

test("no two mechanisms have the same id or say the same", () => {
  const repeated = (of: (row: (typeof mechanisms)[number]) => string) =>
    mechanisms.map(of).filter((value, index, all) => all.indexOf(value) !== index);
  assert.deepEqual([repeated(({ id }) => id), repeated(({ tries }) => tries)], [[], []]);
  assert.deepEqual(
    mechanisms.filter(({ id }) => !/^[a-z]+\/[a-z0-9-]+$/.test(id)).map(({ id }) => id),
    [],
  );
});

test("every file of rows is in the list, and tried by a test", () => {
  const here = import.meta.dirname;
  const read = (name: string) => readFileSync(join(here, name), "utf8");
  const files = globSync("mechanisms/*.ts", { cwd: here }).filter((name) => !name.endsWith("index.ts"));
  const tests = globSync("*.test.ts", { cwd: here })
    .filter((name) => name !== "rows.test.ts")
    .map(read)
    .join("\n");
  const list = read("mechanisms/index.ts");
  const lost = files.filter((name) => !tests.includes(`./${name}`) || !list.includes(`./${name.split("/")[1]}`));
  assert.deepEqual(lost, []);
});
