/** The ground that file operations stand on: the opened roots, what is hidden in them, and what may be written. */

import { closeSync, constants, openSync, readlinkSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { type ErrorCode, PaddockError, printableLine } from "@paddock/contract";
import { fileError } from "./errno.ts";
import type { Located } from "./roots.ts";

/** Linux's flag for a handle that names a place without opening its content. Node has no constant for it. */
export const O_PATH = 0o10000000;

export interface Root {
  /** Real absolute path at the time of opening. */
  readonly path: string;
  /** The path as the owner gave it, possibly through links. */
  readonly given: string;
  readonly write: boolean;
  fd: number;
}

export interface Ground {
  /** Every root of the machine, the longest path first. */
  readonly all: readonly Root[];
  /** Those that may be used here, the longest path first. */
  readonly usable: readonly Root[];
  readonly hidden: readonly string[];
  readonly readonly: boolean;
}

export function isWithin(path: string, directory: string): boolean {
  if (directory === "/") return path.startsWith("/");
  return path === directory || (path.startsWith(directory) && path.charCodeAt(directory.length) === 47);
}

/** Path of `absolute` below `directory`, which must hold it. */
export const below = (absolute: string, directory: string): string =>
  absolute.slice(directory === "/" ? 1 : directory.length + 1);

export const join = (directory: string, relative: string): string => {
  if (relative === "") return directory;
  return directory === "/" ? `/${relative}` : `${directory}/${relative}`;
};

export function locate(ground: Ground, path: string, from: string): Located {
  if (path === "" || path.includes("\0"))
    throw new PaddockError("invalid_path", "The path is empty or contains a NUL byte.");
  if (path.length > 4096) throw new PaddockError("invalid_path", "The path is longer than 4096 characters.");
  const absolute = isAbsolute(path) ? resolve(path) : resolve(from, path);
  const named = ground.usable.find((root) => isWithin(absolute, root.path) || isWithin(absolute, root.given));
  if (named === undefined) throw fileError("path_outside_roots", "This path lies outside of the roots", path);
  const relative = below(absolute, isWithin(absolute, named.path) ? named.path : named.given);
  const place = placed(ground, named, relative);
  refuseHidden(ground, place.absolute);
  return place;
}

/** The place at `relative` below a root. */
export function placed(ground: Ground, root: Root, relative: string): Located {
  const absolute = join(root.path, relative);
  return { root: root.path, relative, absolute, write: !ground.readonly && governing(ground, absolute).write };
}

/** The innermost root that holds a path decides whether it may be written, also when a link led there from another. */
function governing(ground: Ground, absolute: string): { write: boolean } {
  return ground.all.find((root) => isWithin(absolute, root.path)) ?? { write: false };
}

export function rootOf(ground: Ground, place: Located): Root {
  const root = ground.usable.find(({ path }) => path === place.root);
  if (root === undefined) throw fileError("path_outside_roots", "This path lies outside of the roots", place.absolute);
  return root;
}

/** Where the root is now, which follows it when it was renamed. One that was deleted and made anew is opened again. */
export function presentPath(root: Root): string {
  const path = readlinkSync(`/proc/self/fd/${root.fd}`);
  if (path === root.path || !path.endsWith(" (deleted)")) return path;
  const fd = openRootDirectory(root.path, "path_not_found");
  closeSync(root.fd);
  root.fd = fd;
  return root.path;
}

/** Opens exactly this real path: where a link has taken its place by now, it is refused. */
export function openRootDirectory(path: string, code: ErrorCode): number {
  let fd: number;
  try {
    fd = openSync(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    throw fileError(code, "This root is not a directory that can be opened", path);
  }
  if (readlinkSync(`/proc/self/fd/${fd}`) === path) return fd;
  closeSync(fd);
  throw fileError("path_outside_roots", "This root leads elsewhere by now", path);
}

const bare = (path: string): string => (path.endsWith(" (deleted)") ? path.slice(0, -10) : path);

export function isHidden(ground: Ground, real: string): boolean {
  const path = bare(real);
  return ground.hidden.some((hidden) => isWithin(path, hidden) || isWithin(real, hidden));
}

export function refuseHidden(ground: Ground, real: string): void {
  if (!isHidden(ground, real)) return;
  throw new PaddockError(
    "denied",
    `This path holds credentials or the state of Paddock itself: ${printableLine(real)}`,
    "Leave it alone; no tool shows it. Work with other files, or ask the owner.",
  );
}

/** Refuses a change of `real`, the resolved path of what would be replaced, made or removed. */
export function refuseUnwritable(ground: Ground, real: string): void {
  refuseHidden(ground, real);
  if (ground.readonly || !governing(ground, real).write) throw fileError("readonly", "This place is read-only", real);
  refuseGitControl(real);
}

const gitControl: ReadonlySet<string> = new Set(["config", "config.worktree", "hooks", "commondir"]);

/** Git runs what its configuration and hooks name, outside of any cage: they are not an agent's to write. */
function refuseGitControl(real: string): void {
  const parts = real.toLowerCase().split("/");
  const git = parts.indexOf(".git");
  if (git === -1) return;
  const inside = parts.slice(git + 1);
  if (inside.length > 0 && !inside.some((part) => gitControl.has(part) || part === ".git")) return;
  throw new PaddockError(
    "denied",
    `Git runs what its configuration and hooks say, so no file tool changes them: ${printableLine(real)}`,
    "Use the git tools for the repository; ask the owner to change its configuration or hooks.",
  );
}

/** Refuses to move or remove a directory in which something hidden, or another root, lies. */
export function refuseHeldInside(ground: Ground, real: string): void {
  const held = [...ground.hidden, ...ground.all.map(({ path }) => path)].some((path) => isWithin(path, real));
  if (held) throw fileError("denied", "Something in this directory is not an agent's to move or remove", real);
}

/** A directory or link moved into a repository's own folder could bring configuration and hooks along. */
export function refuseIntoGit(real: string): void {
  if (!real.toLowerCase().split("/").includes(".git")) return;
  throw new PaddockError(
    "denied",
    `Only files are moved into a repository's own folder: ${printableLine(real)}`,
    "Use the git tools for what belongs to git.",
  );
}
