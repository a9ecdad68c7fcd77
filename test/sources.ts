/** The sources of this repository, for tests that hold a rule over all of them. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const repository = join(import.meta.dirname, "..");

/** Paths from the repository's root, tests left out. */
export const sourceFiles = (): readonly string[] =>
  globSync(
    ["packages/*/src/**/*.ts", "packages/*/bin/*.mjs", "scripts/**/*.{ts,mjs}", "bench/**/*.ts", "test/**/*.ts"],
    {
      cwd: repository,
    },
  )
    .filter((file) => !file.endsWith(".test.ts"))
    .toSorted();

export const readSource = (file: string): string => readFileSync(join(repository, file), "utf8");
