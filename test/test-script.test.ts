/** scripts/test.mjs, on a tree with a few tests of its own. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { repository } from "./sources.ts";

type Files = Readonly<Record<string, string>>;

const passes = 'import { test } from "node:test";\ntest("holds", () => {});\n';
const fails = 'import { test } from "node:test";\ntest("breaks", () => { throw new Error("broken"); });\n';
const skips =
  'import { test } from "node:test";\ntest("waits", { skip: "needs bwrap: apt install bubblewrap" }, () => {});\n';

function runTests(context: TestContext, files: Files, args: readonly string[], ci: "true" | "") {
  const folder = mkdtempSync(join(tmpdir(), "paddock-tests-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  mkdirSync(join(folder, "scripts"));
  copyFileSync(join(repository, "scripts", "test.mjs"), join(folder, "scripts", "test.mjs"));
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise<{ code: number; said: string }>((resolve) => {
    const command = [join(folder, "scripts", "test.mjs"), ...args];
    execFile(process.execPath, command, { cwd: folder, env: { ...env, CI: ci } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, said: stdout + stderr });
    });
  });
}

test("tests of packages and of the whole system run together, and the count closes the output", async (context) => {
  const { code, said } = await runTests(
    context,
    { "packages/a/src/b/c.test.ts": passes, "test/d.test.ts": passes },
    [],
    "true",
  );
  assert.equal(code, 0);
  assert.match(said, /tests 2[\s\S]+pass 2[\s\S]+fail 0/);
});

test("a failing test fails the run", async (context) => {
  const { code } = await runTests(context, { "test/a.test.ts": passes, "test/b.test.ts": fails }, [], "");
  assert.equal(code, 1);
});

test("a path runs what lies below it", async (context) => {
  const files = { "packages/a/src/a.test.ts": passes, "packages/ab/src/b.test.ts": fails };
  const { code, said } = await runTests(context, files, ["packages/a"], "");
  assert.equal(code, 0);
  assert.match(said, /tests 1\n/);
});

test("a skipped test is named with its reason, and fails the run in CI only", async (context) => {
  const files = { "test/a.test.ts": passes, "test/b.test.ts": skips };
  const atHome = await runTests(context, files, [], "");
  const inCi = await runTests(context, files, [], "true");
  assert.deepEqual([atHome.code, inCi.code], [0, 1]);
  assert.match(inCi.said, /test\/b\.test\.ts: waits \(needs bwrap: apt install bubblewrap\)/);
});

test("a path without a test is an error, not a success", async (context) => {
  const { code, said } = await runTests(context, { "test/a.test.ts": passes }, ["packages/none"], "");
  assert.deepEqual([code, said], [1, "No test file below packages/none.\n"]);
});
