/** Directories that a person names on the command line. */
import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { PaddockError } from "@paddock/contract/errors";

/** Absolute. Throws when no directory is there, in words for a person. */
export function directoryAt(named: string): string {
  const path = resolve(named);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new PaddockError("path_not_found", `There is no directory ${path}.`, "Check the path, or make it.");
  if (!found.isDirectory()) throw new PaddockError("not_a_directory", `${path} is not a directory.`);
  return path;
}

/** The place that a path names: roots and what is closed are kept by their real path, and need not be there. */
export function rootAt(named: string): string {
  const path = resolve(named);
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
