/**
 * What tests need of the machine besides Node. A test whose program is missing is skipped and says which package to
 * install; in CI a skip fails the run.
 *
 * `const test = testWith("bwrap", "git")` for a whole file, `test("...", needs("git"), async () => {})` for one test.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type TestContext, type TestOptions, test } from "node:test";

const debianPackage = {
  bash: "bash",
  bwrap: "bubblewrap",
  curl: "curl",
  git: "git",
  python3: "python3",
  setsid: "util-linux",
} as const satisfies Record<string, string>;

export type Program = keyof typeof debianPackage;

type Body = (context: TestContext) => void | Promise<void>;

/** node:test's `test`, for tests that all need these programs. */
export function testWith(...programs: readonly Program[]) {
  const missing = needs(...programs);
  return (name: string, ...[first, second]: [Body] | [TestOptions, Body]): void => {
    void (typeof first === "function" ? test(name, missing, first) : test(name, { ...first, ...missing }, second));
  };
}

/** Options for node:test: a reason to skip, or none. */
export function needs(...programs: readonly Program[]): { skip?: string } {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return {};
  const packages = missing.map((program) => debianPackage[program]).join(" ");
  return { skip: `needs ${missing.join(" and ")}: apt install ${packages}` };
}

export const isInstalled = (program: string, path = process.env.PATH ?? ""): boolean =>
  path.split(delimiter).some((folder) => folder !== "" && isExecutable(join(folder, program)));

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
