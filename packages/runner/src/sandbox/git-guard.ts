/**
 * Keeps a cage from planting programs that git would later run outside: the configuration and the hooks of a root's
 * repository are read-only inside.
 *
 * `.git` itself is a mount point, or it could be renamed and made anew. Missing configuration and hooks are made (empty)
 * first, or they could be created inside. What is not laid out in the usual way is shown read-only as a whole. All of it
 * is reached by handles: a cage that began before there was a repository can exchange any of these names at any time.
 */
import { closeSync, constants, lstatSync, mkdirSync, openSync, readlinkSync, readSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { type Pin, Pins } from "./pins.ts";
import type { Step } from "./step.ts";

/** For a root that is shown writable; `pin` is the root. */
export function gitGuard(root: string, pin: Pin, pins: Pins): Step[] {
  const git = pins.in(pin, ".git");
  if (!git || git.stats.isSymbolicLink()) return [];
  const at = join(root, ".git");
  const control = controlOf(git, pins);
  const bind = (held: Pin, path: string, write: boolean): Step => ({ type: "bind", pin: held, path, at: path, write });
  if (!control) return [bind(git, at, false)];
  return [bind(git, at, true), ...control.map(({ name, pin }) => bind(pin, join(at, name), false))];
}

/** How much there is at a root for a guard to hold. In a cage that began when it was less, some of it can be written. */
export function guardable(root: string): 0 | 1 | 2 {
  using pins = new Pins(0);
  const folder = pins.find(root);
  const git = folder && pins.in(folder, ".git");
  if (!git || git.stats.isSymbolicLink()) return 0;
  const config = pins.in(git, "config");
  return config?.stats.isFile() && readsMore(config) ? 2 : 1;
}

interface Control {
  name: string;
  pin: Pin;
}

/** Null where the repository is not laid out in the usual way. */
function controlOf(git: Pin, pins: Pins): Control[] | null {
  // git reads another folder's configuration when this file is there; only linked worktrees have one.
  if (!git.stats.isDirectory() || pins.in(git, "commondir")) return null;
  const folder = `/proc/self/fd/${git.fd}`;
  if (!makeMissing(folder, "config", "file") || !makeMissing(folder, "hooks", "folder")) return null;
  const [config, hooks] = [pins.in(git, "config"), pins.in(git, "hooks")];
  if (!config?.stats.isFile() || !hooks?.stats.isDirectory()) return null;
  const control = [
    { name: "config", pin: config },
    { name: "hooks", pin: hooks },
  ];
  if (!readsMore(config)) return control;
  const more = makeMissing(folder, worktreeConfig, "file") ? pins.in(git, worktreeConfig) : null;
  return more?.stats.isFile() ? [...control, { name: worktreeConfig, pin: more }] : null;
}

/** Read besides the configuration where that says so, as it does after `git sparse-checkout`. */
const worktreeConfig = "config.worktree";
const maxConfigBytes = 1024 * 1024;

/** Also where that cannot be told. No more is read than there was when it was looked at: an agent may make it larger. */
function readsMore({ fd, stats: { size } }: Pin): boolean {
  const content = Buffer.alloc(Math.min(size, maxConfigBytes));
  const isRead = unlessRefused(() => {
    const file = openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY);
    try {
      readSync(file, content, 0, content.length, 0);
    } finally {
      closeSync(file);
    }
  });
  return !isRead || size > maxConfigBytes || /worktreeconfig/i.test(content.toString("latin1"));
}

function makeMissing(folder: string, name: string, type: "file" | "folder"): boolean {
  return unlessRefused(() => {
    if (lstatSync(`${folder}/${name}`, { throwIfNoEntry: false })) return;
    const made = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
    if (type === "file") closeSync(openSync(`${folder}/${name}`, made, 0o644));
    else mkdirSync(`${folder}/${name}`);
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
