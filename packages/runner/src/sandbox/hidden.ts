/** What no cage ever sees, not even when a root contains it: Paddock's own state and the owner's credentials. */
import { realpathSync, statSync } from "node:fs";

export interface Hidden {
  path: string;
  type: "directory" | "file";
}

/** Those of `paths` that exist, by their real paths. What does not exist cannot be covered. */
export function findHidden(paths: readonly string[]): Hidden[] {
  const found = new Map<string, Hidden>();
  for (const path of paths) {
    const state = statSync(path, { throwIfNoEntry: false });
    if (!state) continue;
    const real = realpathSync(path);
    found.set(real, { path: real, type: state.isDirectory() ? "directory" : "file" });
  }
  return [...found.values()];
}
