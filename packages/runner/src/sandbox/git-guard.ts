/**
 * Keeps a cage from planting programs that git would later run outside: the configuration and the hooks of a root's
 * repository are read-only inside.
 *
 * `.git` itself is a mount point, or it could be renamed and made anew. Missing configuration and hooks are made (empty)
 * first, or they could be created inside. What is not laid out in the usual way is shown read-only as a whole. All of it
 * is reached by handles: a cage that began before there was a repository can exchange any of these names at any time.
 */
import { closeSync, constants, lstatSync, mkdirSync, openSync, readlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { Pin, Pins } from "./pins.ts";
import type { Step } from "./step.ts";

/** For a root that is shown writable; `pin` is the root. */
export function gitGuard(root: string, pin: Pin, pins: Pins): Step[] {
  const git = pins.in(pin, ".git");
  if (!git || git.stats.isSymbolicLink()) return [];
  const at = join(root, ".git");
  const control = controlOf(git, pins);
  const bind = (held: Pin, path: string, write: boolean): Step => ({ type: "bind", pin: held, path, at: path, write });
  if (!control) return [bind(git, at, false)];
  const { config, hooks } = control;
  return [bind(git, at, true), bind(config, join(at, "config"), false), bind(hooks, join(at, "hooks"), false)];
}

/** Null where the repository is not laid out in the usual way. */
function controlOf(git: Pin, pins: Pins): { config: Pin; hooks: Pin } | null {
  // git reads another folder's configuration when this file is there; only linked worktrees have one.
  if (!git.stats.isDirectory() || pins.in(git, "commondir")) return null;
  if (!makeMissing(`/proc/self/fd/${git.fd}`)) return null;
  const [config, hooks] = [pins.in(git, "config"), pins.in(git, "hooks")];
  return config?.stats.isFile() && hooks?.stats.isDirectory() ? { config, hooks } : null;
}

function makeMissing(folder: string): boolean {
  return unlessRefused(() => {
    const isThere = (name: string) => lstatSync(`${folder}/${name}`, { throwIfNoEntry: false }) !== undefined;
    const made = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
    if (!isThere("config")) closeSync(openSync(`${folder}/config`, made, 0o644));
    if (!isThere("hooks")) mkdirSync(`${folder}/hooks`);
  });
}

/**
 * Removes the one file that cannot be kept from being made and that would have git read another folder's configuration.
 * Only linked worktrees have one, never the `.git` folder of a root. To be called when a command has ended.
 */
export function removePlanted(root: string): void {
  const git = join(root, ".git");
  if (lstatSync(join(git, "commondir"), { throwIfNoEntry: false }) === undefined) return;
  unlessRefused(() => {
    const handle = openSync(git, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    try {
      const folder = `/proc/self/fd/${handle}`;
      if (readlinkSync(folder) === git) unlinkSync(`${folder}/commondir`);
    } finally {
      closeSync(handle);
    }
  });
}

/** False when the file system is read-only or foreign, or somebody was quicker. */
function unlessRefused(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (refusals.has((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

const refusals = new Set(["EROFS", "EACCES", "EPERM", "EEXIST", "ENOENT", "ENOTDIR", "ELOOP", "EISDIR"]);
