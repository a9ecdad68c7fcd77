/**
 * Runs every test, or those below the paths given: `npm test`, `npm test -- packages/policy test/readme.test.ts`.
 *
 * A test that lacks a system program is skipped on a user's machine and says what to install; with CI=true a skipped
 * test fails the run, because CI installs everything.
 */
import { globSync } from "node:fs";
import { relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const filesAtOnce = 2;
const fileTimeoutSeconds = 600;
const skipsFail = process.env.CI === "true";

process.chdir(root);

const wanted = process.argv.slice(2).map((path) => relative(root, path) || ".");
const isWanted = (file) =>
  wanted.length === 0 || wanted.some((path) => path === "." || file === path || file.startsWith(`${path}/`));

const files = globSync(["packages/*/src/**/*.test.ts", "test/**/*.test.ts", "scripts/**/*.test.ts"])
  .filter((path) => !path.includes("node_modules") && isWanted(path))
  .toSorted();
if (files.length === 0) {
  process.stderr.write(`No test file below ${wanted.join(", ")}.\n`);
  process.exit(1);
}

const skipped = [];
let failed = false;
const events = run({ files, concurrency: filesAtOnce, timeout: fileTimeoutSeconds * 1000 });
events.on("test:fail", () => {
  failed = true;
});
events.on("test:pass", ({ name, file, skip, todo }) => {
  const why = skip ?? todo;
  if (why !== undefined) skipped.push(`${relative(root, file ?? "")}: ${name}${why === true ? "" : ` (${why})`}`);
});

function reportSkipped() {
  if (skipped.length === 0) return;
  const heading = skipsFail
    ? "CI runs every test, but these were skipped:"
    : "Skipped, because this machine lacks something:";
  process.stdout.write(`\n${heading}\n${skipped.map((line) => `  ${line}\n`).join("")}`);
}

events
  .compose(spec)
  .on("end", () => {
    reportSkipped();
    process.exitCode = failed || (skipsFail && skipped.length > 0) ? 1 : 0;
  })
  .pipe(process.stdout);
