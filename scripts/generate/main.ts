/**
 * `npm run generate` writes docs/generated from the sources; `--check` writes nothing and fails when a page is not what
 * the sources say now.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toolsFingerprint } from "@paddock/contract";
import { tools } from "@paddock/contract/tools";
import { configPage } from "./config-page.ts";
import { errorsPage } from "./errors-page.ts";
import { openapiPage } from "./openapi-page.ts";
import { toolsPage } from "./tools-page.ts";

const folder = join(import.meta.dirname, "..", "..", "docs", "generated");

const pages: Readonly<Record<string, string>> = {
  "tools.md": toolsPage(),
  "tools.fingerprint": `${await toolsFingerprint(Object.values(tools))}\n`,
  "config.md": configPage(),
  "errors.md": errorsPage(),
  "openapi.json": openapiPage(),
};

const current = (name: string): string | undefined => {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
};

const stale = Object.keys(pages).filter((name) => current(name) !== pages[name]);

if (process.argv.includes("--check")) {
  for (const name of stale)
    process.stdout.write(`docs/generated/${name} is not what the sources say: npm run generate\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  mkdirSync(folder, { recursive: true });
  for (const name of stale) {
    writeFileSync(join(folder, name), pages[name] ?? "");
    process.stdout.write(`wrote docs/generated/${name}\n`);
  }
  if (stale.length === 0) process.stdout.write("docs/generated is up to date\n");
}
