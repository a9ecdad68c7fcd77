/** Reads the lockfile: which packages are reached from some names, and as what. */
export interface LockedPackage {
  version?: string;
  integrity?: string;
  license?: string;
  os?: readonly string[];
  cpu?: readonly string[];
  optional?: boolean;
  dependencies?: Readonly<Record<string, string>>;
  optionalDependencies?: Readonly<Record<string, string>>;
  peerDependencies?: Readonly<Record<string, string>>;
  peerDependenciesMeta?: Readonly<Record<string, { optional?: boolean }>>;
  [more: string]: unknown;
}

/** By place: `node_modules/a`, `node_modules/a/node_modules/b`. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** The packages that come with one that wants what `top` says, for every system, without the tools of the repository. */
export function reachedFrom(top: LockedPackage, locked: LockedPackages): LockedPackages {
  const needed = new Set<string>();
  const possible = new Set<string>();
  const follow = (entry: LockedPackage, from: string, isNeeded: boolean) => {
    for (const name of requiredBy(entry)) visit(placeOf(name, from, locked), isNeeded);
    for (const name of Object.keys(entry.optionalDependencies ?? {})) visit(placeOf(name, from, locked), false);
  };
  const visit = (place: string | null, isNeeded: boolean) => {
    if (place === null || needed.has(place) || (!isNeeded && possible.has(place))) return;
    (isNeeded ? needed : possible).add(place);
    follow(locked[place] ?? {}, place, isNeeded);
  };
  follow(top, "", true);
  const reached = [...needed.union(possible)].sort();
  return Object.fromEntries(reached.map((place) => [place, asRuntime(locked[place] ?? {}, !needed.has(place))]));
}

function requiredBy(entry: LockedPackage): string[] {
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = entry;
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return [...Object.keys(dependencies), ...peers];
}

/** Where Node finds a package that one at `from` asks for; null for an optional one that is not there. */
function placeOf(name: string, from: string, locked: LockedPackages): string | null {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const place = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (place in locked) return place;
    if (folder === "") return null;
  }
}

/** What npm notes for a whole repository holds no longer. */
const ofTheRepository = new Set(["dev", "devOptional", "optional", "peer"]);

function asRuntime(entry: LockedPackage, isOptional: boolean): LockedPackage {
  const kept = Object.entries(entry).filter(([key]) => !ofTheRepository.has(key));
  return { ...Object.fromEntries(kept), ...(isOptional ? { optional: true } : {}) };
}
