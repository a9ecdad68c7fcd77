import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesGlob } from "./patterns.ts";

test("stars stand for text within a name, double ones for any, and all else for itself", () => {
  const rows = [
    ["python*", "python3.12", true],
    ["python*", "python", true],
    ["python*", "a/python3", false],
    ["*.js", "a.js", true],
    ["*.js", "d/a.js", false],
    ["**.js", "d/a.js", true],
    ["/opt/*/bin/*", "/opt/x/bin/y", true],
    ["/opt/*/bin/*", "/opt/x/y/bin/z", false],
    ["/opt/**/z", "/opt/x/y/z", true],
    ["a*b*c", "abbc", true],
    ["a*b*c", "abb", false],
    ["a.b", "axb", false],
    ["[a]?(b)*", "[a]?(b)c", true],
    ["*", "", true],
    ["*", "*", true],
    ["*", "*x*", true],
    ["x*", "*x", false],
    ["--force**", "--force-with-lease=a/b", true],
  ] as const;
  for (const [pattern, text, expected] of rows)
    assert.equal(matchesGlob(pattern, text), expected, `${pattern} ${text}`);
});

test("a text made to be tried in every way takes no longer than any other", () => {
  assert.equal(matchesGlob("**a**a**a**b", "a".repeat(64 * 1024)), false);
  assert.equal(matchesGlob(`${"**a".repeat(4)}**`, `${"b".repeat(64 * 1024)}aaaa`), true);
});
