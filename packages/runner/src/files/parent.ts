/** The directory that holds a path's last part, as a handle, and what stands under that name. All changes start here. */
import { constants, lstatSync, mkdirSync, openSync, type Stats } from "node:fs";
import { errnoOf, fileError, meaningOf } from "./errno.ts";
import { type Ground, join, O_PATH, placed, presentPath, type Root, refuseUnwritable, rootOf } from "./ground.ts";
import { checked, followLinks, type Handle, reach, reachExisting, through } from "./handle.ts";
import type { Located } from "./roots.ts";

export interface Leaf extends Disposable {
  readonly directory: Handle;
  readonly name: string;
  /** Resolved path of directory and name, for messages. */
  readonly absolute: string;
  /** Path through the directory's handle: safe for calls that do not follow a link in the last part. */
  readonly path: string;
  /** What is there, a link not followed; null for nothing. */
  readonly stats: Stats | null;
}

/** The leaf itself, links in its last part not followed, checked to be writable. */
export function leafOf(ground: Ground, place: Located, options: { makeParents: boolean }): Leaf {
  if (place.relative === "")
    throw fileError("denied", "A root itself is not moved, replaced or removed", place.absolute);
  const name = place.relative.slice(place.relative.lastIndexOf("/") + 1);
  const parent = parentPlace(place);
  if (name === "." || name === "..") throw fileError("invalid_path", "This path has no last part", place.absolute);
  const directory = options.makeParents ? directoryAt(ground, parent, name) : existingDirectory(ground, parent);
  try {
    const absolute = join(directory.absolute, name);
    refuseUnwritable(ground, absolute);
    const path = through(directory.fd, name);
    return {
      directory,
      name,
      absolute,
      path,
      stats: statsOf(path, place),
      [Symbol.dispose]: () => directory[Symbol.dispose](),
    };
  } catch (error) {
    directory[Symbol.dispose]();
    throw error;
  }
}

/** The leaf that a write replaces: where the last part is a link to something beneath the root, that something. */
export function targetOf(ground: Ground, place: Located, options: { makeParents: boolean }): Leaf {
  const leaf = leafOf(ground, place, options);
  if (leaf.stats?.isSymbolicLink() !== true) return leaf;
  leaf[Symbol.dispose]();
  const root = rootOf(ground, place);
  const { reached, rest } = followLinks(root, place);
  if (rest.length > 0)
    throw fileError(
      "path_not_found",
      "This is a symbolic link to nothing; it is neither followed nor replaced",
      place.absolute,
    );
  const target = leafOf(ground, placed(ground, root, reached.join("/")), { makeParents: false });
  if (target.stats?.isSymbolicLink() !== true) return target;
  target[Symbol.dispose]();
  throw fileError("changed_meanwhile", "A symbolic link was exchanged meanwhile", place.absolute);
}

export function parentPlace(place: Located): Located {
  const cut = place.relative.lastIndexOf("/");
  const absolute = place.absolute.slice(0, place.absolute.lastIndexOf("/")) || "/";
  return { ...place, relative: cut < 0 ? "" : place.relative.slice(0, cut), absolute };
}

function statsOf(path: string, place: Located): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw meaningOf(error, place.absolute);
  }
}

function existingDirectory(ground: Ground, place: Located): Handle {
  return asDirectory(reachExisting(ground, place, true), place);
}

export function asDirectory(handle: Handle, place: Located): Handle {
  if (handle.stats.isDirectory()) return handle;
  handle[Symbol.dispose]();
  throw fileError("not_a_directory", "This is not a directory", place.absolute);
}

/** The regular file that the leaf names, as a handle. */
export function openLeaf(ground: Ground, leaf: Leaf): Handle {
  const { root } = leaf.directory;
  const handle = checked(
    ground,
    root,
    presentPath(root),
    openSync(leaf.path, O_PATH | constants.O_NOFOLLOW),
    leaf.absolute,
  );
  if (handle.stats.isFile()) return handle;
  handle[Symbol.dispose]();
  throw fileError("not_a_file", "This is not a regular file", leaf.absolute);
}

/** Throws what a change of this path would throw for where it is; touches nothing. */
export function checkWritable(ground: Ground, place: Located): void {
  if (place.relative === "")
    throw fileError("denied", "A root itself is not moved, replaced or removed", place.absolute);
  const { reached, rest } = followLinks(rootOf(ground, place), parentPlace(place));
  const name = place.relative.slice(place.relative.lastIndexOf("/") + 1);
  refuseUnwritable(ground, join(place.root, [...reached, ...rest, name].join("/")));
}

export function makeDirectory(ground: Ground, place: Located): void {
  directoryAt(ground, place)[Symbol.dispose]();
}

/** The directory at `place`, made where it is missing. Everything to be made is checked before anything is, `leaf` too. */
function directoryAt(ground: Ground, place: Located, leaf?: string): Handle {
  const found = reach(ground, place, true);
  if (found !== null) return asDirectory(found, place);
  const root = rootOf(ground, place);
  const { reached, rest, dangling } = followLinks(root, place);
  if (dangling) throw fileError("path_not_found", "A symbolic link on the way points at nothing", place.absolute);
  const start = placed(ground, root, reached.join("/"));
  const making = leaf === undefined ? rest : [...rest, leaf];
  for (const [index] of making.entries())
    refuseUnwritable(ground, join(start.absolute, making.slice(0, index + 1).join("/")));
  return descend(ground, root, existingDirectory(ground, start), rest);
}

/** Makes and enters one directory after the other, each through the handle of the one before and never through a link. */
function descend(ground: Ground, root: Root, start: Handle, names: readonly string[]): Handle {
  let current = start;
  for (const name of names) {
    try {
      const path = through(current.fd, name);
      makeMissing(path);
      const fd = openSync(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
      const next = checked(ground, root, presentPath(root), fd, join(current.absolute, name));
      current[Symbol.dispose]();
      current = next;
    } catch (error) {
      current[Symbol.dispose]();
      throw meaningOf(error, join(current.absolute, name));
    }
  }
  return current;
}

function makeMissing(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
}
