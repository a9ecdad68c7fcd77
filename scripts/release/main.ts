/**
 * `npm run release` writes into dist what is released: the npm package, the archives and their checksums. The same sources
 * give the same bytes. `npm run release -- npm x64` makes only some of it.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeArchive } from "./archive.ts";
import { makeNpmPackage } from "./npm-package.ts";

const root = join(import.meta.dirname, "..", "..");
const dist = join(root, "dist");

const forms = {
  npm: () => makeNpmPackage(root, dist),
  x64: () => makeArchive(root, "x64", dist),
  arm64: () => makeArchive(root, "arm64", dist),
} as const satisfies Record<string, () => string>;

const isForm = (name: string): name is keyof typeof forms => Object.hasOwn(forms, name);

const named = process.argv.slice(2);
const unknown = named.find((name) => !isForm(name));
if (unknown !== undefined) {
  process.stderr.write(`There is no form ${unknown}; there are ${Object.keys(forms).join(", ")}.\n`);
  process.exit(2);
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const made = (named.length > 0 ? named : Object.keys(forms)).filter(isForm).map((form) => forms[form]());
const sums = made.map(
  (file) =>
    `${createHash("sha256")
      .update(readFileSync(join(dist, file)))
      .digest("hex")}  ${file}\n`,
);
writeFileSync(join(dist, "SHA256SUMS"), sums.join(""));
process.stdout.write(sums.join(""));
