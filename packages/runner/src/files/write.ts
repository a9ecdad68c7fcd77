/**
 * Writing: always a new file in the target's own directory, renamed over the name when it is whole. So a reader sees the
 * old or the new content, another name of the old file keeps it, and a failure leaves nothing behind.
 */
import { randomUUID } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  write,
  writeSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { promisify } from "node:util";
import { errnoOf, fileError, meaningOf } from "./errno.ts";
import { type Ground, refuseIntoGit } from "./ground.ts";
import { through } from "./handle.ts";
import { type Leaf, leafOf, openLeaf, targetOf } from "./parent.ts";
import { contentOf } from "./read.ts";
import { revisionOf } from "./revision.ts";
import type { Located, Staged, WriteOptions } from "./roots.ts";

const writeLater = promisify(write);
const quickBytes = 64 * 1024;
/** A file whose revision is asked for is at most so large. */
const mostHashedBytes = 256 * 1024 * 1024;
const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export async function writeFile(
  ground: Ground,
  place: Located,
  bytes: Uint8Array,
  options: WriteOptions = {},
): Promise<void> {
  const staged = await stageFile(ground, place, bytes, options);
  staged.settle();
}

export async function stageFile(
  ground: Ground,
  place: Located,
  bytes: Uint8Array,
  options: WriteOptions = {},
): Promise<Staged> {
  const leaf = targetOf(ground, place, { makeParents: true });
  const temporary = temporaryName(leaf.directory.fd);
  const drop = () => {
    using _closed = leaf;
    discard(temporary);
  };
  try {
    refuseUnlessFile(leaf, place);
    await refuseUnexpected(ground, place, leaf, options.expected);
    await (options.append === true && leaf.stats !== null
      ? appendedCopy(ground, leaf, temporary, bytes)
      : freshFile(temporary, bytes, leaf.stats, options.mode));
  } catch (error) {
    drop();
    throw meaningOf(error, place.absolute);
  }
  return {
    settle() {
      try {
        settle(leaf, temporary, options.expected);
        leaf[Symbol.dispose]();
      } catch (error) {
        drop();
        throw meaningOf(error, place.absolute);
      }
    },
    discard: drop,
  };
}

export const temporaryName = (directoryFd: number): string => through(directoryFd, `.paddock-${randomUUID()}.tmp`);

export function discard(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}

/** Checks what is there: a regular file that its owner lets us write, or nothing. */
export function refuseUnlessFile(leaf: Leaf, place: Located): void {
  if (leaf.stats === null) return;
  if (!leaf.stats.isFile())
    throw fileError("not_a_file", "Something else than a regular file is there", place.absolute);
  try {
    accessSync(leaf.path, constants.W_OK);
  } catch (error) {
    throw meaningOf(error, place.absolute);
  }
}

async function refuseUnexpected(
  ground: Ground,
  place: Located,
  leaf: Leaf,
  expected: string | null | undefined,
): Promise<void> {
  if (expected === undefined) return;
  if (expected === null ? leaf.stats === null : leaf.stats !== null && (await revisionAt(ground, leaf)) === expected)
    return;
  throw changed(place.absolute);
}

async function revisionAt(ground: Ground, leaf: Leaf): Promise<string> {
  using handle = openLeaf(ground, leaf);
  return revisionOf(await contentOf(handle, mostHashedBytes));
}

const changed = (path: string) => fileError("changed_meanwhile", "The file is not what it was when it was read", path);

/** The new content under a temporary name, with the mode and owner of what it will replace. */
async function freshFile(
  temporary: string,
  bytes: Uint8Array,
  old: Stats | null,
  mode: number | undefined,
): Promise<void> {
  const fd = openSync(temporary, createFlags, old === null && mode === undefined ? 0o666 : 0o600);
  try {
    await writeAll(fd, bytes);
    keepOwner(fd, old);
    const wanted = mode ?? old?.mode;
    if (wanted !== undefined) fchmodSync(fd, wanted & 0o777);
  } finally {
    closeSync(fd);
  }
}

async function writeAll(fd: number, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    if (bytes.length <= quickBytes) done += writeSync(fd, bytes, done);
    else done += (await writeLater(fd, bytes, done, bytes.length - done, null)).bytesWritten;
  }
}

/** Root may write anybody's file and leaves it theirs; nobody else could give a file away. */
function keepOwner(fd: number, old: Stats | null): void {
  if (old !== null && old.uid !== process.geteuid?.() && process.geteuid?.() === 0) fchownSync(fd, old.uid, old.gid);
}

async function appendedCopy(ground: Ground, leaf: Leaf, temporary: string, bytes: Uint8Array): Promise<void> {
  using source = openLeaf(ground, leaf);
  await copyFile(through(source.fd), temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const fd = openSync(temporary, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW);
  try {
    await writeAll(fd, bytes);
    keepOwner(fd, source.stats);
    fchmodSync(fd, source.stats.mode & 0o777);
  } finally {
    closeSync(fd);
  }
}

/** Puts the finished file in its place. Where a state was expected, what is there has to be what was checked. */
function settle(leaf: Leaf, temporary: string, expected: string | null | undefined): void {
  if (expected === null) {
    settleNew(leaf, temporary, () => changed(leaf.absolute));
    return;
  }
  if (expected !== undefined && !isSame(leaf)) throw changed(leaf.absolute);
  renameSync(temporary, leaf.path);
}

function isSame({ path, stats }: Leaf): boolean {
  const now = lstatSync(path, { throwIfNoEntry: false });
  return now !== undefined && now.ino === stats?.ino && now.size === stats.size && now.ctimeMs === stats.ctimeMs;
}

const noHardLinks: ReadonlySet<string | undefined> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** Gives the file its name only where nothing has that name. A second name refuses what a rename would replace. */
export function settleNew(leaf: Leaf, temporary: string, taken: () => Error): void {
  try {
    linkSync(temporary, leaf.path);
    unlinkSync(temporary);
  } catch (error) {
    if (errnoOf(error) === "EEXIST") throw taken();
    if (!noHardLinks.has(errnoOf(error))) throw error;
    if (lstatSync(leaf.path, { throwIfNoEntry: false }) !== undefined) throw taken();
    renameSync(temporary, leaf.path);
  }
}

export function makeLink(ground: Ground, place: Located, target: string): void {
  using leaf = leafOf(ground, place, { makeParents: true });
  refuseIntoGit(leaf.absolute);
  try {
    symlinkSync(target, leaf.path);
  } catch (error) {
    throw meaningOf(error, place.absolute);
  }
}
