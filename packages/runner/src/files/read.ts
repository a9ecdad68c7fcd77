/** Reading: what a path leads to, its content, and what a directory holds. */
import { close, closeSync, constants, lstatSync, openSync, read, readlinkSync, readSync, type Stats } from "node:fs";
import { type FileHandle, open as openFile, readdir } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { PaddockError } from "@paddock/contract";
import { errnoOf, fileError, meaningOf } from "./errno.ts";
import { type Ground, isHidden, join, placed, refuseHidden } from "./ground.ts";
import { type Handle, reach, reachExisting, through } from "./handle.ts";
import { asDirectory, parentPlace } from "./parent.ts";
import type { FileState, Located, ReadFile } from "./roots.ts";

const readAt = promisify(read);
const closeLater = promisify(close);
/** Up to here a read is quicker than handing it to another thread and back, thrice. */
const quickBytes = 1024 * 1024;
const firstBytes = 64 * 1024;
const mostEntries = 100_000;
const entriesAtATime = 512;
const contentFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

function stateOf(stats: Stats): FileState {
  const { size, mtimeMs: modifiedMs } = stats;
  return { type: typeOf(stats), size, mode: stats.mode & 0o7777, modifiedMs };
}

function typeOf(stats: Stats): FileState["type"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "symlink" : "other";
}

export function state(ground: Ground, place: Located, follow: boolean): FileState | null {
  using handle = reach(ground, place, follow);
  return handle === null ? null : stateOf(handle.stats);
}

export function realPlace(ground: Ground, place: Located): Located {
  using handle = reachExisting(ground, place, true);
  return placed(ground, handle.root, handle.relative);
}

export function linkText(ground: Ground, place: Located): string {
  using directory = asDirectory(reachExisting(ground, parentPlace(place), true), place);
  const name = place.relative.slice(place.relative.lastIndexOf("/") + 1);
  refuseHidden(ground, join(directory.absolute, name));
  try {
    return readlinkSync(through(directory.fd, name));
  } catch (error) {
    throw meaningOf(error, place.absolute);
  }
}

/** The handle of a regular file; anything else is refused before its content is opened. */
export function regularFile(ground: Ground, place: Located): Handle {
  const handle = reachExisting(ground, place, true);
  if (handle.stats.isFile()) return handle;
  handle[Symbol.dispose]();
  const words = handle.stats.isDirectory() ? "This is a directory" : "This is not a regular file";
  throw fileError("not_a_file", words, place.absolute);
}

export async function open(ground: Ground, place: Located): Promise<FileHandle> {
  using handle = regularFile(ground, place);
  try {
    return await openFile(through(handle.fd), contentFlags);
  } catch (error) {
    throw meaningOf(error, place.absolute);
  }
}

export async function content(ground: Ground, place: Located, maxBytes: number): Promise<Buffer> {
  using handle = regularFile(ground, place);
  return contentOf(handle, maxBytes);
}

export async function contentWithState(ground: Ground, place: Located, maxBytes: number): Promise<ReadFile> {
  using handle = regularFile(ground, place);
  const { root, relative, stats } = handle;
  return {
    content: await contentOf(handle, maxBytes),
    state: stateOf(stats),
    real: placed(ground, root, relative),
  };
}

export async function capture(
  ground: Ground,
  place: Located,
  maxBytes: number,
): Promise<{ content: Buffer | null; state: FileState } | null> {
  using handle = reach(ground, place, false);
  if (handle === null) return null;
  const isWanted = handle.stats.isFile() && handle.stats.size <= maxBytes;
  return { content: isWanted ? await contentIfReadable(handle, maxBytes) : null, state: stateOf(handle.stats) };
}

async function contentIfReadable(handle: Handle, maxBytes: number): Promise<Buffer | null> {
  try {
    return await contentOf(handle, maxBytes);
  } catch (error) {
    if (error instanceof PaddockError) return null;
    throw error;
  }
}

/** The content of the file that the handle stands for; the handle may be closed as soon as this has returned. */
export function contentOf(handle: Handle, maxBytes: number): Promise<Buffer> {
  const size = handle.stats.size;
  if (size > maxBytes) throw tooLarge(handle.absolute, maxBytes);
  let fd: number;
  try {
    fd = openSync(through(handle.fd), contentFlags);
  } catch (error) {
    throw meaningOf(error, handle.absolute);
  }
  return size > quickBytes
    ? readLater(fd, size, maxBytes, handle.absolute)
    : readAtOnce(fd, size, maxBytes, handle.absolute);
}

function readAtOnce(fd: number, size: number, maxBytes: number, shown: string): Promise<Buffer> {
  let count: number;
  const buffer = Buffer.allocUnsafe(size + 1);
  try {
    count = readSync(fd, buffer, 0, size + 1, 0);
  } catch (error) {
    closeSync(fd);
    throw meaningOf(error, shown);
  }
  if (count > size) return readLater(fd, firstBytes, maxBytes, shown);
  closeSync(fd);
  return Promise.resolve(buffer.subarray(0, count));
}

/** Reads until the end, which may come later or sooner than the size says. Closes `fd`. */
async function readLater(fd: number, expected: number, maxBytes: number, shown: string): Promise<Buffer> {
  try {
    let buffer = Buffer.allocUnsafe(expected + 1);
    let count = 0;
    for (;;) {
      const { bytesRead } = await readAt(fd, buffer, count, buffer.length - count, count);
      count += bytesRead;
      if (count > maxBytes) throw tooLarge(shown, maxBytes);
      if (bytesRead === 0) return buffer.subarray(0, count);
      if (count === buffer.length) buffer = Buffer.concat([buffer], Math.min(buffer.length * 2, maxBytes + 1));
    }
  } catch (error) {
    throw meaningOf(error, shown);
  } finally {
    await closeLater(fd);
  }
}

const tooLarge = (shown: string, maxBytes: number) =>
  fileError("file_too_large", `The file is larger than ${maxBytes} bytes`, shown);

export async function entries(ground: Ground, place: Located): Promise<{ name: string; state: FileState }[]> {
  using directory = asDirectory(reachExisting(ground, place, true), place);
  const names = await namesIn(directory.fd, place.absolute);
  const found: { name: string; state: FileState }[] = [];
  for (const [index, name] of names.entries()) {
    if (index % entriesAtATime === entriesAtATime - 1) await setImmediate();
    if (isHidden(ground, join(directory.absolute, name))) continue;
    const stats = entryStats(through(directory.fd, name), place);
    if (stats !== null) found.push({ name, state: stateOf(stats) });
  }
  return found;
}

/** Names in the directory that the handle stands for. */
export async function namesIn(fd: number, shown: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(through(fd));
  } catch (error) {
    throw meaningOf(error, shown);
  }
  if (names.length > mostEntries)
    throw fileError("too_large", `The directory has more than ${mostEntries} entries`, shown);
  return names;
}

/** Null for an entry that went away while the directory was listed. */
function entryStats(path: string, place: Located): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw meaningOf(error, place.absolute);
  }
}
