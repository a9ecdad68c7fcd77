/** Lays out a folder as it is released: the parts as JavaScript, the guides, the licences. No tests and nothing of the workshop. */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { namedFiles, releasedName, releasedText } from "./javascript.ts";
import { licencesPage } from "./licences.ts";
import { lockOf, type Manifest, manifestOf, partsOf } from "./manifest.ts";

const pages = ["README.md", "CHANGELOG.md", "LICENSE", "ARCHITECTURE.md", "GLOSSARY.md", "docs"];

/** What product code consists of. Tests, and what they share, are none of it. */
const sources = ["src/**/*.{ts,mjs}", "bin/*.mjs"];
const isTest = (path: string): boolean => /[.](test|fixture)[.]/.test(path);

/** Fills an empty folder. */
export function stage(root: string, folder: string): Manifest {
  rmSync(folder, { recursive: true, force: true });
  const manifest = manifestOf(root);
  const lock = lockOf(root, manifest);
  const write = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode });
  };
  for (const page of pages) cpSync(join(root, page), join(folder, page), { recursive: true });
  write("THIRD-PARTY-LICENSES.md", licencesPage(root, lock.packages));
  write("npm-shrinkwrap.json", `${JSON.stringify(lock, null, 2)}\n`);
  write("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
  const patterns = partsOf(root).flatMap((part) => sources.map((pattern) => join("packages", part, pattern)));
  for (const path of globSync(patterns, { cwd: root })) {
    if (isTest(path)) continue;
    const text = releasedText(root, path, manifest.imports);
    write(releasedName(path), text, text.startsWith("#!") ? 0o755 : 0o644);
  }
  refuseMissing(folder);
  return manifest;
}

/** What a file names and nobody would find is told here, not to the first who needs it. */
function refuseMissing(folder: string): void {
  for (const path of globSync("packages/**/*.{js,mjs}", { cwd: folder })) {
    const file = join(folder, path);
    const missing = namedFiles(readFileSync(file, "utf8")).find((name) => !existsSync(join(dirname(file), name)));
    if (missing !== undefined) throw new Error(`${path} names ${missing}, which is not released.`);
  }
}
