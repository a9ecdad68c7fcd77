/** A directory that a caller names for what is to be started. */
import { resolve } from "node:path";
import { PaddockError } from "@paddock/contract";
import { isBeneath } from "../sandbox/paths.ts";
import type { Place } from "../tools/handler.ts";

/** Absolute. One beneath a root has to be there; whatever else a cage shows is found out inside. Throws path_not_found. */
export async function namedDirectory(
  path: string,
  { roots, workspace }: Pick<Place, "roots" | "workspace">,
): Promise<string> {
  const absolute = resolve(workspace, path);
  if (!roots.list.some((root) => isBeneath(root.path, absolute))) return absolute;
  const state = await roots.stat(roots.locate(absolute, workspace));
  if (state?.type !== "directory") throw new PaddockError("path_not_found", `There is no directory ${absolute}.`);
  return absolute;
}
