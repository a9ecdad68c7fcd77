/**
 * Handles on places beneath a root. A handle is opened without touching content (O_PATH), then asked where it really is;
 * whatever follows uses the handle, never the name again, so nothing can be swapped between the check and the use.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, type Stats } from "node:fs";
import { errnoOf, fileError, meaningOf } from "./errno.ts";
import { below, type Ground, isWithin, join, O_PATH, presentPath, type Root, refuseHidden, rootOf } from "./ground.ts";
import type { Located } from "./roots.ts";

export interface Handle extends Disposable {
  readonly fd: number;
  readonly root: Root;
  /** Path below the root with every link resolved. */
  readonly relative: string;
  readonly absolute: string;
  readonly stats: Stats;
}

/** A path that the kernel resolves from the handle, not from any name. */
export const through = (fd: number, name?: string): string =>
  name === undefined ? `/proc/self/fd/${fd}` : `/proc/self/fd/${fd}/${name}`;

/** What the path leads to, or null when nothing is there. Throws when it leads out, or to something hidden. */
export function reach(ground: Ground, place: Located, follow: boolean): Handle | null {
  const root = rootOf(ground, place);
  const present = presentPath(root);
  const flags = follow ? O_PATH : O_PATH | constants.O_NOFOLLOW;
  let fd: number;
  try {
    fd = openSync(
      place.relative === "" ? through(root.fd) : through(root.fd, place.relative),
      place.relative === "" ? O_PATH : flags,
    );
  } catch (error) {
    return explainUnreached(root, place, error);
  }
  return checked(ground, root, present, fd, place.absolute);
}

/** Like `reach`, for what must be there. */
export function reachExisting(ground: Ground, place: Located, follow: boolean): Handle {
  const handle = reach(ground, place, follow);
  if (handle === null) throw fileError("path_not_found", "Nothing is there", place.absolute);
  return handle;
}

/** Takes over `fd`: either it is beneath the root and becomes a handle, or it is closed. */
export function checked(ground: Ground, root: Root, present: string, fd: number, asked: string): Handle {
  try {
    const real = readlinkSync(through(fd));
    const stats = fstatSync(fd);
    if (!isWithin(real, present) || isNameless(root, stats)) throw leadsOut(asked);
    const relative = below(real, present);
    refuseHidden(ground, real);
    return { fd, root, relative, absolute: join(root.path, relative), stats, [Symbol.dispose]: () => closeSync(fd) };
  } catch (error) {
    closeSync(fd);
    throw meaningOf(error, asked);
  }
}

/** Memory of a process that is reached like a file looks as if it lay in the machine's root directory, but has no name. */
const isNameless = (root: Root, stats: Stats): boolean => root.path === "/" && stats.isFile() && stats.nlink === 0;

/** Null where nothing is there; throws where a link on the way leads out, so that what is outside stays unknown. */
function explainUnreached(root: Root, place: Located, error: unknown): null {
  followLinks(root, place);
  const code = errnoOf(error);
  if (code === "ENOENT" || code === "ENOTDIR") return null;
  throw meaningOf(error, place.absolute);
}

export interface Followed {
  /** Path below the root of the part that exists, every link resolved. */
  reached: string[];
  /** What is left and does not exist. */
  rest: string[];
  /** A dangling link was on the way. */
  dangling: boolean;
}

const mostLinks = 40;

/** Follows a path link by link in text, for what cannot be opened as a whole. Its answer is a plan, not a permission. */
export function followLinks(root: Root, place: Located): Followed {
  const reached: string[] = [];
  const pending = partsOf(place.relative);
  let links = 0;
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    const step = name === ".." ? goUp(reached, place) : take(root, reached, name, place);
    if (step === "nothing") return { reached, rest: [name, ...pending], dangling: links > 0 };
    if (step === "taken") continue;
    links += 1;
    if (links > mostLinks) throw fileError("invalid_path", "Too many symbolic links lead on from here", place.absolute);
    if (step.target.startsWith("/")) reached.length = 0;
    pending.unshift(...targetParts(step.target, root, place));
  }
  return { reached, rest: [], dangling: false };
}

function goUp(reached: string[], place: Located): "taken" {
  if (reached.pop() === undefined) throw leadsOut(place.absolute);
  return "taken";
}

/** Adds `name` to what is reached, or says what the link says that stands there. */
function take(root: Root, reached: string[], name: string, place: Located): "taken" | "nothing" | { target: string } {
  const path = through(root.fd, [...reached, name].join("/"));
  const state = stateOf(path, place);
  if (state === null) return "nothing";
  if (state.isSymbolicLink()) return { target: linkAt(path, place) };
  reached.push(name);
  return "taken";
}

function linkAt(path: string, place: Located): string {
  try {
    return readlinkSync(path);
  } catch {
    throw fileError("changed_meanwhile", "A symbolic link on the way was exchanged meanwhile", place.absolute);
  }
}

const partsOf = (path: string): string[] => path.split("/").filter((part) => part !== "" && part !== ".");

/** Said alike whether or not something is there, so that links do not tell what lies outside. */
const leadsOut = (path: string) => fileError("path_outside_roots", "A symbolic link leads out of the root", path);

function targetParts(target: string, root: Root, place: Located): string[] {
  if (!target.startsWith("/")) return partsOf(target);
  if (!isWithin(target, root.path)) throw leadsOut(place.absolute);
  return partsOf(below(target, root.path));
}

/** Null for nothing, and for what would lie in something that is not a directory. */
function stateOf(path: string, place: Located): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw meaningOf(error, place.absolute);
  }
}
