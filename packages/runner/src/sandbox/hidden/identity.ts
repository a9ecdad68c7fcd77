/** What stands at a path, told apart from anything else that stood or will stand there. */
import { lstatSync } from "node:fs";

/** A link not followed; null when nothing is there, or nothing that may be looked at. */
export function identityOf(path: string): string | null {
  try {
    const state = lstatSync(path, { throwIfNoEntry: false, bigint: true });
    // A number of a file is used again for the next one, within the same moment at times.
    return state ? `${state.dev}:${state.ino}:${state.birthtimeNs}` : null;
  } catch {
    return null;
  }
}
