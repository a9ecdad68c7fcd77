/** Removing what a path names: the entry itself, never what a link points at. */
import { rmdirSync, unlinkSync } from "node:fs";
import { fileError, meaningOf } from "./errno.ts";
import { type Ground, refuseHeldInside } from "./ground.ts";
import { leafOf } from "./parent.ts";
import type { Located } from "./roots.ts";
import { removeTree } from "./tree.ts";

export function removeFile(ground: Ground, place: Located): void {
  using leaf = leafOf(ground, place, { makeParents: false });
  if (leaf.stats === null) throw fileError("path_not_found", "Nothing is there", place.absolute);
  if (leaf.stats.isDirectory()) throw fileError("not_a_file", "This is a directory", place.absolute);
  try {
    unlinkSync(leaf.path);
  } catch (error) {
    throw meaningOf(error, place.absolute);
  }
}

export async function removeDirectory(ground: Ground, place: Located, recursive: boolean): Promise<void> {
  using leaf = leafOf(ground, place, { makeParents: false });
  if (leaf.stats === null) throw fileError("path_not_found", "Nothing is there", place.absolute);
  if (!leaf.stats.isDirectory()) throw fileError("not_a_directory", "This is not a directory", place.absolute);
  refuseHeldInside(ground, leaf.absolute);
  try {
    if (recursive) await removeTree(ground, leaf);
    else rmdirSync(leaf.path);
  } catch (error) {
    throw meaningOf(error, place.absolute);
  }
}
