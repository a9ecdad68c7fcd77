/** The directory that a caller names for what is to be started, and the six ways in which it can be wrong. */
import { resolve } from "node:path";
import { type ErrorCode, PaddockError, printableLine } from "@paddock/contract";
import { isBeneath } from "../sandbox/paths.ts";
import { homeInside } from "../sandbox/system-view.ts";
import type { Place } from "../tools/handler.ts";

/** Places of the cage itself; what is there is found out inside. */
const ownPlaces = ["/tmp", homeInside];

/** Absolute. Beneath a root it is there, and a directory, whatever links lead to it. */
export async function workingDirectory(
  named: string,
  { roots, workspace }: Pick<Place, "roots" | "workspace">,
): Promise<string> {
  if (named.trim() === "") throw wrong("working_directory_empty", "The working directory is empty.");
  if (named.includes("\0")) throw wrong("working_directory_invalid", "The working directory holds a NUL byte.");
  const absolute = resolve(workspace, named);
  const shown = printableLine(absolute);
  if (roots.hidden.some((path) => isBeneath(path, absolute))) throw denied(shown);
  const inRoot = roots.list.some((root) => isBeneath(root.path, absolute));
  if (!inRoot && ownPlaces.some((place) => isBeneath(place, absolute))) return absolute;
  try {
    const state = await roots.stat(roots.locate(absolute, workspace));
    if (!state) throw wrong("working_directory_not_found", `There is no directory ${shown}.`);
    if (state.type !== "directory") throw wrong("working_directory_not_directory", `${shown} is not a directory.`);
    return absolute;
  } catch (error) {
    throw asWorkingDirectory(error, shown);
  }
}

/** What the roots say of any path, in the words for a working directory. */
function asWorkingDirectory(error: unknown, shown: string): unknown {
  if (!(error instanceof PaddockError)) return error;
  const as: Partial<Record<ErrorCode, () => PaddockError>> = {
    denied: () => denied(shown),
    path_outside_roots: () => wrong("working_directory_outside_allowed_roots", `${shown} lies outside of the roots.`),
    path_not_found: () => wrong("working_directory_not_found", `There is no directory ${shown}.`),
    invalid_path: () => wrong("working_directory_invalid", error.message),
  };
  return as[error.code]?.() ?? error;
}

const denied = (shown: string) => wrong("working_directory_denied", `Nothing is started in ${shown}.`);
const wrong = (code: ErrorCode, message: string) => new PaddockError(code, message);
