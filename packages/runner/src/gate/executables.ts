/** The files that the programs of a command line lead to on this machine. Looked up by name; never opened, never run. */
import { readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Command } from "@paddock/policy";
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
  const candidates = program.includes("/")
    ? [resolve(directory, program)]
    : folders.map((folder) => resolve(directory, folder, program));
  const found = program.includes("\0") ? undefined : candidates.find(isExecutable);
  if (found === undefined) return notFound;
  const leadsTo = linksFrom(found);
  return { leadsTo, writable: leadsTo.some((path) => writable.some((root) => isBeneath(root, path))) };
}

/** Commands that change where relative names begin, and those that change where all of them do. */
const moving = new Set(["cd", "pushd", "popd", "env", "find", "sudo", "doas"]);
const rooting = new Set(["chroot", "unshare", "nsenter"]);

/** Whether a name in a text may mean another file than it does at its start. */
export function isElsewhere(program: string, named: readonly (string | null)[]): boolean {
  const names = named.map((name) => (name === null ? "" : basename(name)));
  const isRelative = program.includes("/") && !program.startsWith("/");
  return names.some((name) => rooting.has(name) || (isRelative && moving.has(name)));
}

/** The owner's folders before the system's, as the cages have them. */
export const foldersOf = (searchPath: string): string[] => [
  ...new Set([...searchPath.split(":").filter((folder) => folder.startsWith("/")), ...systemFolders]),
];

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
