/** Opens the roots of this machine and gives the file operations beneath them. */
import { closeSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { PaddockError } from "@paddock/contract";
import { copyFileTo } from "./copy.ts";
import { fileError } from "./errno.ts";
import { type Ground, isHidden, locate, openRootDirectory, type Root } from "./ground.ts";
import { move } from "./move.ts";
import { checkWritable, makeDirectory } from "./parent.ts";
import { openPart } from "./part.ts";
import { capture, content, contentWithState, entries, linkText, open, realPlace, state } from "./read.ts";
import { removeDirectory, removeFile } from "./remove.ts";
import type { Roots } from "./roots.ts";
import { makeLink, stageFile, writeFile } from "./write.ts";

export interface RootsOptions {
  /** Directories that may be used; none means that nothing may. A root may be given through links. */
  roots: readonly { path: string; write: boolean }[];
  /** Absolute paths of files and directories that nobody sees, as they are named and as they really are. */
  hidden: readonly string[];
  /** Makes every root read-only. */
  readonly?: boolean;
}

export interface OpenRoots extends Roots, Disposable {
  /**
   * The same roots with less: only those named by `paths` (all of them when it is empty), read-only when `readonly` says
   * so. Shares the handles of the roots it comes from and ends with them.
   */
  narrow(to: { paths: readonly string[]; readonly: boolean }): Roots;
}

/** What looks like files there gives access to processes and to the kernel, also by way of this process's own handles. */
const kernelFileSystems = ["/proc", "/sys"];

export function openRoots(options: RootsOptions): OpenRoots {
  if (process.platform !== "linux")
    throw new PaddockError("cannot_enforce", "File access beneath roots is built on Linux's /proc.");
  const hidden = [...new Set([...options.hidden, ...kernelFileSystems])];
  const all = options.roots.map(openRoot).sort((a, b) => b.path.length - a.path.length);
  const ground: Ground = { all, usable: all, hidden, readonly: options.readonly === true };
  const shown = all.find((root) => isHidden(ground, root.path));
  if (shown !== undefined)
    throw fileError("denied", "A root cannot lie in what holds credentials or Paddock's own state", shown.path);
  return {
    ...rootsOn(ground),
    narrow: ({ paths, readonly }) =>
      rootsOn({ ...ground, usable: chosen(all, paths), readonly: ground.readonly || readonly }),
    [Symbol.dispose]: () => {
      for (const root of all) closeSync(root.fd);
    },
  };
}

function openRoot({ path, write }: { path: string; write: boolean }): Root {
  const given = resolve(path);
  let real: string;
  try {
    real = realpathSync(given);
  } catch {
    throw fileError("path_not_found", "This root does not exist or cannot be opened", given);
  }
  return { path: real, given, write, fd: openRootDirectory(real, "not_a_directory") };
}

const chosen = (all: readonly Root[], paths: readonly string[]): readonly Root[] =>
  paths.length === 0 ? all : all.filter((root) => paths.includes(root.path) || paths.includes(root.given));

function rootsOn(ground: Ground): Roots {
  return {
    list: ground.usable.map(({ path, write }) => ({ path, write: write && !ground.readonly })),
    hidden: ground.hidden,
    locate: (path, from) => locate(ground, path, from),
    real: async (place) => realPlace(ground, place),
    stat: async (place) => state(ground, place, true),
    lstat: async (place) => state(ground, place, false),
    open: (place) => open(ground, place),
    read: (place, maxBytes) => content(ground, place, maxBytes),
    readWithState: (place, maxBytes) => contentWithState(ground, place, maxBytes),
    capture: (place, maxBytes) => capture(ground, place, maxBytes),
    openPart: (place, options) => openPart(ground, place, options),
    readLink: async (place) => linkText(ground, place),
    checkWritable: (place) => checkWritable(ground, place),
    write: (place, bytes, options) => writeFile(ground, place, bytes, options),
    stage: (place, bytes, options) => stageFile(ground, place, bytes, options),
    makeLink: async (place, target) => makeLink(ground, place, target),
    entries: (place) => entries(ground, place),
    makeDirectory: async (place) => makeDirectory(ground, place),
    copy: (from, to, { overwrite }) => copyFileTo(ground, from, to, overwrite),
    move: (from, to, { overwrite }) => move(ground, from, to, overwrite),
    removeFile: async (place) => removeFile(ground, place),
    removeDirectory: (place, { recursive }) => removeDirectory(ground, place, recursive),
  };
}
