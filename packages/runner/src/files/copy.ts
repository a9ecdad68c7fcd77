/** Copying a regular file, by the kernel: its content is never held in memory. */
import { closeSync, constants, fchmodSync, openSync, renameSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { fileError, meaningOf } from "./errno.ts";
import type { Ground } from "./ground.ts";
import { type Handle, through } from "./handle.ts";
import { type Leaf, targetOf } from "./parent.ts";
import { regularFile } from "./read.ts";
import type { Located } from "./roots.ts";
import { discard, refuseUnlessFile, settleNew, temporaryName } from "./write.ts";

export async function copyFileTo(ground: Ground, from: Located, to: Located, overwrite: boolean): Promise<void> {
  using source = regularFile(ground, from);
  using leaf = targetOf(ground, to, { makeParents: true });
  refuseUnlessFile(leaf, to);
  if (leaf.stats !== null && !overwrite) throw fileError("path_exists", "Something is there already", to.absolute);
  if (leaf.stats?.ino === source.stats.ino && leaf.stats.dev === source.stats.dev) {
    throw fileError("invalid_input", "Source and destination are the same file", to.absolute);
  }
  await copyInto(source, leaf, () => fileError("path_exists", "Something is there already", to.absolute), overwrite);
}

/** Copies a regular file's content and mode, less the bits that give away rights, and puts it in place. */
export async function copyInto(source: Handle, leaf: Leaf, taken: () => Error, overwrite: boolean): Promise<void> {
  const temporary = temporaryName(leaf.directory.fd);
  try {
    await copyFile(through(source.fd), temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    const fd = openSync(temporary, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      fchmodSync(fd, source.stats.mode & 0o777);
    } finally {
      closeSync(fd);
    }
    if (overwrite) renameSync(temporary, leaf.path);
    else settleNew(leaf, temporary, taken);
  } catch (error) {
    discard(temporary);
    throw meaningOf(error, leaf.absolute);
  }
}
