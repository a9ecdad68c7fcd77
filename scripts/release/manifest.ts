/**
 * What the released package says about itself: one package with all parts inside, which find each other by its `imports`, and
 * with the very versions of other packages that were tested.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type LockedPackage, type LockedPackages, reachedFrom } from "./locked.ts";

const packageName = "@paddock/paddock";

interface PartManifest {
  dependencies?: Record<string, string>;
  exports?: Record<string, string>;
}

export interface Manifest {
  name: string;
  version: string;
  imports: Record<string, string>;
  dependencies: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  [more: string]: unknown;
}

const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const sorted = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Every package of the repository is a part of the released one. */
export const partsOf = (root: string): string[] => readdirSync(join(root, "packages")).sort();

export function manifestOf(root: string): Manifest {
  const { version, license, description, engines } = readJson(join(root, "package.json"));
  const parts = partsOf(root);
  const manifests = parts.map((part) => readJson(join(root, "packages", part, "package.json")) as PartManifest);
  return {
    ...{ name: packageName, version, description, license, engines, type: "module" },
    keywords: ["mcp", "agents", "sandbox", "self-hosted"],
    publishConfig: { access: "public" },
    bin: { paddock: "packages/cli/bin/paddock.mjs" },
    exports: { "./package.json": "./package.json" },
    imports: sorted(Object.assign({}, ...parts.map((part, index) => importsOf(part, manifests[index]?.exports ?? {})))),
    dependencies: dependenciesOf(manifests),
  };
}

function importsOf(part: string, exports: Record<string, string>): Record<string, string> {
  const named = Object.entries(exports).map(([name, file]) => [
    `#paddock/${join(part, name)}`,
    `./${join("packages", part, file).replace(/[.]ts$/, ".js")}`,
  ]);
  return Object.fromEntries(named);
}

function dependenciesOf(manifests: readonly PartManifest[]): Record<string, string> {
  const wanted: Record<string, string> = {};
  for (const [name, version] of manifests.flatMap(({ dependencies = {} }) => Object.entries(dependencies))) {
    if (name.startsWith("@paddock/")) continue;
    if ((wanted[name] ?? version) !== version) throw new Error(`Two versions of ${name} are wanted.`);
    wanted[name] = version;
  }
  return sorted(wanted);
}

/** The lockfile of the released package: what of the repository's own it reaches. npm honours it wherever it installs it. */
export function lockOf(root: string, manifest: Manifest): { packages: LockedPackages; [more: string]: unknown } {
  const { packages } = readJson(join(root, "package-lock.json")) as { packages: LockedPackages };
  const { name, version, license, dependencies, optionalDependencies, engines, bin } = manifest;
  const entry = { name, version, license, dependencies, optionalDependencies, bin, engines } as LockedPackage;
  const lock = { name, version, lockfileVersion: 3, requires: true };
  return { ...lock, packages: { "": entry, ...reachedFrom(entry, packages) } };
}
