/**
 * Keeps a cage from planting programs that git would later run outside: the configuration and the hooks of a root's
 * repository are read-only inside.
 *
 * `.git` itself is a mount point, or it could be renamed and made anew. Missing configuration and hooks are made (empty)
 * first, or they could be created inside. What is not laid out in the usual way is shown read-only as a whole.
 */
import { closeSync, constants, lstatSync, mkdirSync, openSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Arguments of bubblewrap for a root that is shown writable. */
export function gitGuard(root: string): string[] {
  const git = join(root, ".git");
  const state = lstatSync(git, { throwIfNoEntry: false });
  if (!state || state.isSymbolicLink()) return [];
  if (!state.isDirectory() || !isUsual(git)) return ["--ro-bind", git, git];
  const protectedPaths = [join(git, "config"), join(git, "hooks")];
  return ["--bind", git, git, ...protectedPaths.flatMap((path) => ["--ro-bind", path, path])];
}

function isUsual(git: string): boolean {
  const config = lstatSync(join(git, "config"), { throwIfNoEntry: false });
  const hooks = lstatSync(join(git, "hooks"), { throwIfNoEntry: false });
  // git reads another folder's configuration when this file is there; only linked worktrees have one.
  if (lstatSync(join(git, "commondir"), { throwIfNoEntry: false })) return false;
  if ((config && !config.isFile()) || (hooks && !hooks.isDirectory())) return false;
  return (config !== undefined && hooks !== undefined) || makeMissing(git, config !== undefined);
}

/** Makes what is missing beneath a handle on `.git`, so that a link put there meanwhile leads nowhere. */
function makeMissing(git: string, hasConfig: boolean): boolean {
  const handle = openSync(git, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const beneath = `/proc/self/fd/${handle}`;
    if (readlinkSync(beneath) !== git) return false;
    if (!hasConfig)
      closeSync(openSync(`${beneath}/config`, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o644));
    mkdirSync(`${beneath}/hooks`, { recursive: true });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A read-only or foreign file system: nothing can be planted by this user there either, but stay on the safe side.
    if (code === "EROFS" || code === "EACCES" || code === "EPERM" || code === "EEXIST") return false;
    throw error;
  } finally {
    closeSync(handle);
  }
}
