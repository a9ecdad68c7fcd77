/** What no cage ever sees, not even when a root contains it: Paddock's own state, credentials, what the owner lists. */
import { realpathSync, statSync } from "node:fs";
import { isBeneath } from "../paths.ts";

/** A place to hide, whether something is there or not. */
export interface HiddenPath {
  path: string;
  /**
   * Folder that agents can write: a link at `path` is followed beneath it and no further, or an agent could have anything
   * hidden from everybody.
   */
  within?: string;
}

/** Something that is there and has to be covered. */
export interface Hidden {
  path: string;
  type: "directory" | "file";
}

/** Programs of the system, which every cage needs. */
const system = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ssl", "/proc", "/dev"];

/** Those of `paths` that exist, by their real paths. What does not exist cannot be covered. */
export function findHidden(paths: readonly HiddenPath[]): Hidden[] {
  const found = new Map<string, Hidden>();
  for (const hidden of paths) {
    const path = realPathOf(hidden);
    const state = path === null ? undefined : statSync(path, { throwIfNoEntry: false });
    if (path !== null && state) found.set(path, { path, type: state.isDirectory() ? "directory" : "file" });
  }
  return [...found.values()];
}

/** Where `path` leads; null when nothing is there, or when a link leads where nothing may be hidden. */
export function realPathOf({ path, within = "/" }: HiddenPath): string | null {
  const real = realPathOrNull(path);
  if (real === null || real === path) return real;
  const covers = isBeneath(within, real) && real !== within;
  const isSystem = system.some((folder) => isBeneath(folder, real) || isBeneath(real, folder));
  return covers && !isSystem ? real : null;
}

function realPathOrNull(path: string): string | null {
  try {
    // Most do not exist, and asking that is quicker than being thrown at.
    return statSync(path, { throwIfNoEntry: false }) ? realpathSync(path) : null;
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

const absent = new Set(["ENOENT", "ENOTDIR", "EACCES", "ELOOP"]);
