/**
 * The archive for one kind of processor: the released package with everything that it needs, Node included. Unpacked, it runs
 * without an installation.
 */
import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { machineOf } from "./elf.ts";
import { lockOf, manifestOf } from "./manifest.ts";
import { npm, tarball } from "./programs.ts";
import { stage } from "./stage.ts";

export type Processor = "x64" | "arm64";

/** Writes the archive into `into`; its file name. */
export function makeArchive(root: string, processor: Processor, into: string): string {
  const name = `paddock-${manifestOf(root).version}-linux-${processor}`;
  const folder = join(into, name);
  stage(root, folder);
  installPackages(root, folder, processor);
  takeNode(folder, processor);
  prune(folder, processor);
  mkdirSync(join(folder, "bin"));
  cpSync(join(root, "packaging"), join(folder, "packaging"), { recursive: true });
  renameSync(join(folder, "packaging", "paddock"), join(folder, "bin", "paddock"));
  chmodSync(join(folder, "bin", "paddock"), 0o755);
  requireOwn(folder, processor);
  const file = `${name}.tar.gz`;
  tarball(join(into, file), into, name);
  rmSync(folder, { recursive: true });
  return file;
}

const nodePackage = (processor: Processor) => `node-linux-${processor}`;

/** Installs for another processor as for this one: npm is told which, and no package runs anything. */
function installPackages(root: string, folder: string, processor: Processor): void {
  const released = readFileSync(join(folder, "package.json"), "utf8");
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const node = nodePackage(processor);
  const manifest = JSON.parse(released);
  // Optional, because npm refuses one for another system otherwise.
  manifest.optionalDependencies = { [node]: optionalDependencies[node] };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  // npm reads one name or the other, by its age.
  rmSync(join(folder, "npm-shrinkwrap.json"));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify(lockOf(root, manifest)));
  npm(folder, "ci", "--ignore-scripts", "--prefer-offline", "--os=linux", `--cpu=${processor}`, "--libc=glibc");
  writeFileSync(join(folder, "package.json"), released);
  for (const left of ["package-lock.json", "node_modules/.bin", "node_modules/.package-lock.json"])
    rmSync(join(folder, left), { recursive: true, force: true });
}

/** Of Node's own package the program is needed, and its licences. */
function takeNode(folder: string, processor: Processor): void {
  const found = join(folder, "node_modules", nodePackage(processor));
  mkdirSync(join(folder, "node", "bin"), { recursive: true });
  renameSync(join(found, "bin", "node"), join(folder, "node", "bin", "node"));
  renameSync(join(found, "LICENSE"), join(folder, "node", "LICENSE"));
  rmSync(found, { recursive: true });
}

/** What only other systems load, and the sources of what is there as a binary. */
function prune(folder: string, processor: Processor): void {
  const sqlite = join(folder, "node_modules", "better-sqlite3");
  for (const file of globSync("prebuilds/*", { cwd: sqlite }))
    if (basename(file) !== `linux-${processor}.node`) rmSync(join(sqlite, file));
  for (const sources of ["deps", "src", "binding.gyp"]) rmSync(join(sqlite, sources), { recursive: true });
  for (const { file, machine } of programsIn(folder)) if (machine !== processor) rmSync(file);
  for (const file of globSync("node_modules/**/*.exe", { cwd: folder })) rmSync(join(folder, file));
}

/** A binary that is missing, or for another processor, would be found out by users only. */
function requireOwn(folder: string, processor: Processor): void {
  const names = programsIn(folder).map(({ file }) => basename(file));
  const missing = ["node", "rg", `linux-${processor}.node`].find((name) => !names.includes(name));
  if (missing !== undefined) throw new Error(`The archive for ${processor} lacks ${missing}.`);
}

const programsIn = (folder: string) =>
  globSync("**/*", { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file, machine: machineOf(file) }))
    .filter(({ machine }) => machine !== null);
