/** scripts/ensure.mjs, with an npm that only pretends to install. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { repository } from "./sources.ts";

const pretendedNpm = `
import { appendFileSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
appendFileSync("calls", process.argv.slice(2).join(" ") + "\\n");
if (existsSync("npm-fails")) process.exit(7);
rmSync("node_modules", { recursive: true, force: true });
const node = "node_modules/node-linux-" + process.arch + "/bin";
for (const folder of ["node_modules/.bin", node]) mkdirSync(folder, { recursive: true });
symlinkSync(process.execPath, node + "/node");
if (!existsSync("npm-forgets-the-link")) symlinkSync(process.execPath, "node_modules/.bin/node");
await new Promise((resolve) => setTimeout(resolve, 300));
`;

/** A clone with nothing but what the script looks at. */
function makeClone(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "paddock-ensure-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "scripts"));
  copyFileSync(join(repository, "scripts", "ensure.mjs"), join(folder, "scripts", "ensure.mjs"));
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  writeFileSync(join(folder, "package-lock.json"), '{"lockfileVersion": 3}');
  writeFileSync(join(folder, "npm-cli.js"), pretendedNpm);
  return {
    path: (name: string) => join(folder, name),
    calls: () =>
      existsSync(join(folder, "calls")) ? readFileSync(join(folder, "calls"), "utf8").split("\n").length - 1 : 0,
    ensure: () => ensure(folder),
  };
}

function ensure(folder: string): Promise<{ code: number; said: string }> {
  const env = { ...process.env, npm_execpath: join(folder, "npm-cli.js"), npm_node_execpath: process.execPath };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(folder, "scripts", "ensure.mjs")],
      { cwd: folder, env },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, said: stdout + stderr });
      },
    );
  });
}

test("packages are installed once, exactly as the lockfile says and without install scripts", async (context) => {
  const clone = makeClone(context);
  assert.equal((await clone.ensure()).code, 0);
  assert.deepEqual(await clone.ensure(), { code: 0, said: "" });
  assert.equal(
    readFileSync(clone.path("calls"), "utf8"),
    "ci --ignore-scripts --include=dev --include=optional --engine-strict=false --no-audit --no-fund --loglevel=error\n",
  );
});

test("the packaged Node is linked where npm forgot it", async (context) => {
  const clone = makeClone(context);
  writeFileSync(clone.path("npm-forgets-the-link"), "");
  assert.equal((await clone.ensure()).code, 0);
  assert.equal(readlinkSync(clone.path("node_modules/.bin/node")), `../node-linux-${process.arch}/bin/node`);
});

test("a changed lockfile is installed anew", async (context) => {
  const clone = makeClone(context);
  await clone.ensure();
  writeFileSync(clone.path("package-lock.json"), '{"lockfileVersion": 3, "packages": {}}');
  await clone.ensure();
  assert.equal(clone.calls(), 2);
});

test("of several starts at the same time one installs and the others wait for it", async (context) => {
  const clone = makeClone(context);
  const ends = await Promise.all([clone.ensure(), clone.ensure(), clone.ensure()]);
  assert.deepEqual(
    ends.map(({ code }) => code),
    [0, 0, 0],
  );
  assert.equal(clone.calls(), 1);
  assert.equal(existsSync(clone.path(".install-lock")), false);
});

test("the lock of a process that is gone holds nobody up", async (context) => {
  const clone = makeClone(context);
  writeFileSync(clone.path(".install-lock"), "4194305\n"); // above the largest process id that Linux gives
  assert.equal((await clone.ensure()).code, 0);
  assert.equal(clone.calls(), 1);
});

test("a failed installation says what to do, and the next start tries again", async (context) => {
  const clone = makeClone(context);
  writeFileSync(clone.path("npm-fails"), "");
  const { code, said } = await clone.ensure();
  assert.equal(code, 1);
  assert.match(said, /npm could not install the packages \(exit code 7\).*run the same command again/);
  rmSync(clone.path("npm-fails"));
  assert.equal((await clone.ensure()).code, 0);
});

test("a clone without its lockfile says how to get it back", async (context) => {
  const clone = makeClone(context);
  rmSync(clone.path("package-lock.json"));
  const { code, said } = await clone.ensure();
  assert.equal(code, 1);
  assert.match(said, /package-lock\.json is missing.*git checkout/);
});
