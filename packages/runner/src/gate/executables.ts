/** The files that the programs of a command line lead to on this machine. Looked up by name; never opened, never run. */
import { readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Command, Wants } from "@paddock/policy";
import type { CageSpec } from "../sandbox/cage.ts";
import { ownersPath } from "../sandbox/none.ts";
import { isBeneath } from "../sandbox/paths.ts";

export interface LookUp {
  /** Folders of PATH, in order. */
  folders: readonly string[];
  /** Where relative names begin. */
  directory: string;
  /** Real paths beneath which agents may write. */
  writable: readonly string[];
}

export type Executable = Pick<Command, "leadsTo" | "writable">;

export const notFound: Executable = { leadsTo: [], writable: false };
const mostLinks = 40;

/** The file that a program's name finds, and what that is by links: last the file itself. */
export function executableOf(program: string, { folders, directory, writable }: LookUp): Executable {
  const found = program.includes("\0") ? undefined : placesOf(program, folders, [directory]).find(isExecutable);
  if (found === undefined) return notFound;
  const leadsTo = linksFrom(found);
  return { leadsTo, writable: leadsTo.some((path) => writable.some((root) => isBeneath(root, path))) };
}

/** Where a program of this name may lie, in the order in which it is looked for. `directories` are for relative names. */
export const placesOf = (
  program: string,
  folders: readonly string[],
  directories: readonly string[],
): readonly string[] => [
  ...new Set((program.includes("/") ? directories : folders).map((folder) => resolve(folder, program))),
];

/** Commands that change where relative names begin, and those that change where all of them do. */
const moving = new Set(["cd", "pushd", "popd", "env", "find", "sudo", "doas"]);
const rooting = new Set(["chroot", "unshare", "nsenter"]);

/** Whether a name in a text may mean another file than it does at its start. */
export function isElsewhere(program: string, named: readonly (string | null)[]): boolean {
  const names = named.map((name) => (name === null ? "" : basename(name)));
  const isRelative = program.includes("/") && !program.startsWith("/");
  return names.some((name) => rooting.has(name) || (isRelative && moving.has(name)));
}

/**
 * Folders in which the run looks for programs: in a cage the owner's before the system's, outside of it those of the owner's
 * that no agent can write.
 */
export const foldersFor = (
  { noCage }: Pick<Wants, "noCage">,
  searchPath: string,
  roots: CageSpec["roots"],
): readonly string[] =>
  noCage ? absoluteOf(ownersPath(searchPath, roots)) : [...new Set([...absoluteOf(searchPath), ...systemFolders])];

const absoluteOf = (searchPath: string): string[] => searchPath.split(":").filter((folder) => folder.startsWith("/"));

const systemFolders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"];

function isExecutable(path: string): boolean {
  try {
    const state = statSync(path);
    return state.isFile() && (state.mode & 0o111) !== 0;
  } catch {
    return false;
  }
}

function linksFrom(path: string): string[] {
  const paths = new Set([path]);
  let next: string | null = path;
  while (next !== null && paths.size < mostLinks) {
    paths.add(next);
    next = linkAt(next);
  }
  const real = realpathSync.native(path);
  paths.delete(real);
  return [...paths, real];
}

function linkAt(path: string): string | null {
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch {
    return null;
  }
}
