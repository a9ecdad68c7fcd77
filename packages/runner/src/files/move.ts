/** Moving what a path names: the entry itself, never what a link points at. */
import { lstatSync, mkdirSync, readlinkSync, renameSync, rmdirSync, symlinkSync, unlinkSync } from "node:fs";
import { copyInto } from "./copy.ts";
import { errnoOf, fileError, meaningOf } from "./errno.ts";
import { type Ground, refuseHeldInside, refuseIntoGit } from "./ground.ts";
import { type Leaf, leafOf, openLeaf } from "./parent.ts";
import type { Located } from "./roots.ts";
import { copyTree, removeTree } from "./tree.ts";
import { settleNew } from "./write.ts";

export async function move(ground: Ground, from: Located, to: Located, overwrite: boolean): Promise<void> {
  using source = leafOf(ground, from, { makeParents: false });
  if (source.stats === null) throw fileError("path_not_found", "Nothing is there", from.absolute);
  refuseHeldInside(ground, source.absolute);
  refuseAround(source, from, to);
  using target = leafOf(ground, to, { makeParents: true });
  if (source.absolute === target.absolute)
    throw fileError("invalid_input", "Source and destination are the same", to.absolute);
  if (!source.stats.isFile()) refuseIntoGit(target.absolute);
  refuseTaken(target, to, overwrite);
  try {
    rename(source, target, overwrite);
  } catch (error) {
    if (errnoOf(error) !== "EXDEV") throw meaningOf(error, to.absolute);
    await moveAcross(ground, source, target, overwrite);
  }
}

/** A directory cannot go into itself; said before parents are made there. */
function refuseAround(source: Leaf, from: Located, to: Located): void {
  if (!source.stats?.isDirectory()) return;
  const inside = [from.absolute, source.absolute].some((path) => to.absolute.startsWith(`${path}/`));
  if (inside) throw fileError("invalid_input", "A directory cannot be moved into itself", to.absolute);
}

function refuseTaken(target: Leaf, to: Located, overwrite: boolean): void {
  if (target.stats === null) return;
  if (target.stats.isDirectory())
    throw fileError("path_exists", "A directory is there; it is never overwritten", to.absolute);
  if (!overwrite) throw fileError("path_exists", "Something is there already", to.absolute);
}

function rename(source: Leaf, target: Leaf, overwrite: boolean): void {
  const directory = source.stats?.isDirectory() === true;
  if (directory && target.stats !== null)
    throw fileError("path_exists", "Only a file can take the place of a file", target.absolute);
  if (directory) renameToNew(source, target);
  else if (overwrite) renameSync(source.path, target.path);
  else settleNew(target, source.path, () => fileError("path_exists", "Something is there already", target.absolute));
}

/** Renames a directory where nothing is: the empty one made first refuses what a rename would replace. */
function renameToNew(source: Leaf, target: Leaf): void {
  mkdirSync(target.path);
  try {
    renameSync(source.path, target.path);
  } catch (error) {
    rmdirSync(target.path);
    throw error;
  }
}

async function moveAcross(ground: Ground, source: Leaf, target: Leaf, overwrite: boolean): Promise<void> {
  try {
    await copyAcross(ground, source, target, overwrite);
  } catch (error) {
    throw meaningOf(error, target.absolute);
  }
  await removeLeaf(ground, source);
}

async function copyAcross(ground: Ground, source: Leaf, target: Leaf, overwrite: boolean): Promise<void> {
  if (source.stats?.isDirectory()) return copyAllOrNothing(ground, source, target);
  if (source.stats?.isSymbolicLink()) {
    if (target.stats !== null) unlinkSync(target.path);
    return symlinkSync(readlinkSync(source.path), target.path);
  }
  using file = openLeaf(ground, source);
  await copyInto(
    file,
    target,
    () => fileError("path_exists", "Something is there already", target.absolute),
    overwrite,
  );
}

async function copyAllOrNothing(ground: Ground, source: Leaf, target: Leaf): Promise<void> {
  try {
    await copyTree(ground, source, target);
  } catch (error) {
    if (lstatSync(target.path, { throwIfNoEntry: false }) !== undefined) await removeTree(ground, target);
    throw error;
  }
}

async function removeLeaf(ground: Ground, leaf: Leaf): Promise<void> {
  if (leaf.stats?.isDirectory()) await removeTree(ground, leaf);
  else unlinkSync(leaf.path);
}
