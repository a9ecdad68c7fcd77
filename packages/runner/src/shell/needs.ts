/** What a command asks for beyond its cage, as wants that the policy decides on. */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { PaddockError } from "@paddock/contract";
import type { InputOf } from "@paddock/contract/tools";
import type { Wants } from "@paddock/policy";
import type { OpenCages } from "../sandbox/open-cages.ts";
import { isBeneath } from "../sandbox/paths.ts";
import type { Place } from "../tools/handler.ts";

type Needs = InputOf<"run_command">["needs"];

/**
 * Paths are given back as they really are, so that the owner is asked about what is meant. Throws path_not_found, and denied
 * for what no cage may see.
 */
export function needsOf(needs: Needs, place: Pick<Place, "workspace" | "roots">, cages: OpenCages): Wants {
  if (!needs) return {};
  const beyond = (needs.paths ?? []).map(({ path, write }) => {
    const access = write ? ("write" as const) : ("read" as const);
    return { path: realPath(resolve(place.workspace, path)), access };
  });
  const hidden = beyond.find(({ path }) => cages.isHidden(path));
  if (hidden) throw new PaddockError("denied", `No command may see ${hidden.path}.`);
  return {
    ...(needs.network ? { network: true } : {}),
    ...(needs.no_cage ? { noCage: true } : {}),
    ...(needs.confirm ? { confirm: true } : {}),
    ...(needs.network || needs.no_cage || needs.paths
      ? { beyond: beyond.filter((wish) => !isShown(wish, place)) }
      : {}),
    reason: needs.reason,
  };
}

/**
 * What the roots give already is not asked for, and never mounted by its path: what lies in a root can be exchanged for a
 * link while the owner thinks.
 */
function isShown(
  { path, access }: { path: string; access: "read" | "write" },
  { roots }: Pick<Place, "roots">,
): boolean {
  return roots.list.some((root) => isBeneath(root.path, path) && (root.write || access === "read"));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw new PaddockError("path_not_found", `There is no ${path}.`);
    if (code === "EACCES" || code === "ELOOP")
      throw new PaddockError("permission_denied", `${path} cannot be reached.`);
    throw error;
  }
}
