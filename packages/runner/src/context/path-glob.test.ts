import assert from "node:assert/strict";
import { test } from "node:test";
import { pathGlob } from "./path-glob.ts";

const rows: [pattern: string, yes: string[], no: string[]][] = [
  ["*.ts", ["a.ts"], ["src/a.ts", "a.tsx", "ts"]],
  ["**/*.ts", ["a.ts", "src/a.ts", "src/deep/a.ts"], ["src/a.js"]],
  ["src/**", ["src/a", "src/b/c.md"], ["lib/a"]],
  ["src/", ["src/a"], ["src2/a"]],
  ["src/**/test/*.ts", ["src/test/a.ts", "src/a/b/test/c.ts"], ["src/test/x/a.ts"]],
  ["src/*.{ts,tsx}", ["src/a.ts", "src/a.tsx"], ["src/a.js", "src/a.{ts,tsx}"]],
  ["./a?c", ["abc"], ["ac", "a/c", "abbc"]],
  ["[a-c]x[!0-9]", ["axz", "cx-"], ["dxz", "ax1"]],
  ["a*b*c", ["abc", "aXbYc", "abbcc"], ["ab", "a/b/c"]],
  ["{a,b", ["{a,b"], ["a"]],
  ["docs/{en,{de,fr}}/*", ["docs/en/x", "docs/fr/x"], ["docs/it/x"]],
];

for (const [pattern, yes, no] of rows) {
  test(`${pattern} matches ${yes.join(", ")} and not ${no.join(", ")}`, () => {
    const glob = pathGlob(pattern, "root");
    assert.deepEqual([yes.filter(glob), no.filter(glob)], [yes, []]);
  });
}

test("a bare pattern can be meant for every directory", () => {
  const glob = pathGlob("*.py", "anywhere");
  assert.deepEqual(["a.py", "x/y/a.py", "x/a.pyc"].map(glob), [true, true, false]);
});

test("hostile patterns end quickly", () => {
  assert.equal(pathGlob(`${"*a".repeat(200)}b`, "root")("a".repeat(4000)), false);
  assert.equal(pathGlob("**/".repeat(150), "root")("a/".repeat(2000)), true);
  assert.equal(pathGlob("{a,b}".repeat(100), "root")("a".repeat(100)), false);
  assert.equal(pathGlob("x".repeat(1000), "root")("x".repeat(1000)), false);
});
