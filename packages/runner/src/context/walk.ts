/** Walks directories beneath the roots, breadth first and bounded; links are never entered. */
import type { FileState, Located, Roots } from "../files/roots.ts";
import { isAbsence, placeOf } from "./text-head.ts";

export interface Entry {
  name: string;
  state: FileState;
}

export interface Visited {
  directory: Located;
  /** Path of the directory below the start, "" for the start itself. */
  below: string;
  depth: number;
  /** Sorted by name. */
  entries: Entry[];
}

export interface WalkLimits {
  maxDepth: number;
  maxDirectories: number;
  /** Whether to enter a directory of this name. */
  enters?: (name: string) => boolean;
}

export async function* walk(roots: Roots, start: Located, limits: WalkLimits): AsyncGenerator<Visited> {
  const { maxDepth, maxDirectories, enters = () => true } = limits;
  const open = [{ directory: start, below: "", depth: 0 }];
  for (let visited = 0; visited < maxDirectories; visited += 1) {
    const next = open.shift();
    if (!next) return;
    const entries = await entriesOf(roots, next.directory);
    yield { ...next, entries };
    if (next.depth === maxDepth) continue;
    for (const name of entries
      .filter(isDirectory)
      .map((entry) => entry.name)
      .filter(enters)) {
      const directory = placeOf(roots, name, next.directory.absolute);
      if (directory) open.push({ directory, below: joined(next.below, name), depth: next.depth + 1 });
    }
  }
}

const isDirectory = ({ state }: Entry): boolean => state.type === "directory";

/** Path of an entry below the start of the walk. */
export const joined = (below: string, name: string): string => (below === "" ? name : `${below}/${name}`);

/** Sorted by name; empty where there is no such directory. */
export async function entriesOf(roots: Roots, place: Located): Promise<Entry[]> {
  try {
    const entries = await roots.entries(place);
    return entries.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}
