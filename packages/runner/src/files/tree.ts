/**
 * Whole directories: removing one and copying one to another file system. Both walk by handles, never enter a link, and
 * let other work run in between.
 */
import { isUtf8 } from "node:buffer";
import {
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  type Stats,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { readdir } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { copyInto } from "./copy.ts";
import { errnoOf, fileError, meaningOf } from "./errno.ts";
import { type Ground, join, O_PATH, presentPath } from "./ground.ts";
import { checked, type Handle, through } from "./handle.ts";
import type { Leaf } from "./parent.ts";
import { namesIn } from "./read.ts";

/** Deeper directories are taken up to the top first: each level holds a handle, and the kernel says paths only so long. */
const deepest = 64;
const longestPath = 2000;
const entriesAtATime = 256;

interface Walk {
  readonly ground: Ground;
  /** The directory under which what lies too deep is put. */
  readonly top: Handle;
  readonly raised: string[];
  done: number;
}

/** Removes the directory that `leaf` names and all that is in it; links are removed, not what they point at. */
export async function removeTree(ground: Ground, leaf: Leaf): Promise<void> {
  using top = enter(ground, leaf.directory, leaf.name);
  const walk: Walk = { ground, top, raised: [], done: 0 };
  await empty(walk, top, 0);
  for (let name = walk.raised.pop(); name !== undefined; name = walk.raised.pop())
    await removeChild(walk, top, name, 0);
  rmdirSync(leaf.path);
}

async function empty(walk: Walk, directory: Handle, depth: number): Promise<void> {
  for (const raw of await readdir(through(directory.fd), "buffer")) {
    walk.done += 1;
    if (walk.done % entriesAtATime === 0) await setImmediate();
    await removeEntry(walk, directory, isUtf8(raw) ? raw.toString() : renamed(walk, directory, raw), depth);
  }
}

/** A name that is not UTF-8 cannot be said as a string: its entry gets one that can. */
function renamed(walk: Walk, directory: Handle, raw: Buffer): string {
  const name = `.paddock-name-${walk.done}`;
  renameSync(Buffer.concat([Buffer.from(`${through(directory.fd)}/`), raw]), through(directory.fd, name));
  return name;
}

async function removeEntry(walk: Walk, directory: Handle, name: string, depth: number): Promise<void> {
  const path = through(directory.fd, name);
  const stats = present(path);
  if (stats === undefined) return;
  if (!stats.isDirectory()) unlinkSync(path);
  else if (depth >= deepest || directory.absolute.length > longestPath) raise(walk, path);
  else await removeChild(walk, directory, name, depth + 1);
}

function raise(walk: Walk, path: string): void {
  const name = `.paddock-deep-${walk.done}-${walk.raised.length}`;
  renameSync(path, through(walk.top.fd, name));
  walk.raised.push(name);
}

async function removeChild(walk: Walk, directory: Handle, name: string, depth: number): Promise<void> {
  {
    using child = enter(walk.ground, directory, name);
    await empty(walk, child, depth);
  }
  try {
    rmdirSync(through(directory.fd, name));
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}

/** Goes into a directory through its parent's handle; a link that stands there by now is not entered. */
function enter(ground: Ground, directory: Handle, name: string): Handle {
  const path = through(directory.fd, name);
  const fd = openSync(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  return checked(ground, directory.root, presentPath(directory.root), fd, join(directory.absolute, name));
}

const present = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });

/** Copies a directory to `to`, where nothing is yet. What is neither file, directory nor link makes it fail. */
export async function copyTree(ground: Ground, from: Leaf, to: Leaf): Promise<void> {
  await copyDirectory(ground, from.directory, from.name, to.directory, to.name, 0);
}

async function copyDirectory(
  ground: Ground,
  from: Handle,
  fromName: string,
  to: Handle,
  toName: string,
  depth: number,
): Promise<void> {
  if (depth > deepest) throw fileError("too_large", `More than ${deepest} directories deep`, from.absolute);
  using source = enter(ground, from, fromName);
  mkdirSync(through(to.fd, toName), 0o700);
  using target = enter(ground, to, toName);
  for (const name of await namesIn(source.fd, source.absolute)) await copyEntry(ground, source, target, name, depth);
  setMode(target, source.stats.mode & 0o777);
}

async function copyEntry(ground: Ground, source: Handle, target: Handle, name: string, depth: number): Promise<void> {
  const path = through(source.fd, name);
  const stats = lstatSync(path);
  if (stats.isDirectory()) return copyDirectory(ground, source, name, target, name, depth + 1);
  if (stats.isSymbolicLink()) return symlinkSync(readlinkSync(path), through(target.fd, name));
  const shown = join(source.absolute, name);
  using file = checked(
    ground,
    source.root,
    presentPath(source.root),
    openSync(path, O_PATH | constants.O_NOFOLLOW),
    shown,
  );
  if (!file.stats.isFile()) throw fileError("not_a_file", "This is neither file, directory nor link", shown);
  await copyInto(
    file,
    newLeaf(target, name),
    () => fileError("changed_meanwhile", "Something appeared in the copy", shown),
    false,
  );
}

const newLeaf = (directory: Handle, name: string): Leaf => ({
  directory,
  name,
  absolute: join(directory.absolute, name),
  path: through(directory.fd, name),
  stats: null,
  [Symbol.dispose]: () => undefined,
});

function setMode(directory: Handle, mode: number): void {
  const fd = openSync(through(directory.fd), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fchmodSync(fd, mode);
  } catch (error) {
    throw meaningOf(error, directory.absolute);
  } finally {
    closeSync(fd);
  }
}
