/**
 * The thread that looks whether something else has come to stand where a cage covers a file. A thread of its own, because
 * an agent can fill these folders with changes, which must not hold up the runner.
 *
 * Folders are watched by the kernel; a look at everything now and then makes up for what a full queue has dropped.
 */
import { type FSWatcher, watch } from "node:fs";
import { dirname, join } from "node:path";
import { parentPort } from "node:worker_threads";
import { identityOf } from "./identity.ts";
import type { Place, Said } from "./watch.ts";

interface Watched {
  place: Place;
  /** From the folder that cages show down to the one that holds the path. */
  folders: readonly string[];
  /** What stood there at the last look; null when nothing did. */
  seen: string | null;
}

const lookEveryMs = 250;
const watched = new Map<string, Watched>();
const watchers = new Map<string, { watcher: FSWatcher; identity: string }>();
const port = parentPort;
const say = (said: Said): void => port?.postMessage(said);

port?.on("message", (places: readonly Place[]) => {
  for (const place of places) {
    const key = `${place.from}\0${place.path}`;
    if (watched.has(key)) continue;
    const entry = { place, folders: foldersOf(place), seen: null };
    watched.set(key, entry);
    // Armed first: what changes after the look is told.
    arm(entry);
    watched.set(key, { ...entry, seen: standingAt(entry) });
  }
  say({ type: "watching" });
});

setInterval(() => {
  for (const entry of watched.values()) look(entry, false);
}, lookEveryMs);

function foldersOf({ from, path }: Place): string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); folder.length >= from.length; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === from || folder === "/") break;
  }
  return folders;
}

/** Watches each folder on the way as far as there is one, and anew where another has taken its place. */
function arm({ folders }: Watched): void {
  for (const folder of folders) {
    const identity = identityOf(folder);
    const known = watchers.get(folder);
    if (known?.identity === identity) continue;
    known?.watcher.close();
    watchers.delete(folder);
    const watcher = identity === null ? null : watcherOf(folder);
    if (identity !== null && watcher) watchers.set(folder, { watcher, identity });
  }
}

/** Null where the kernel allows no more of them: then the look now and then has to do. */
function watcherOf(folder: string): FSWatcher | null {
  try {
    const watcher = watch(folder, (event, name) => {
      if (event === "rename" && name !== null) moved(join(folder, name));
    });
    return watcher.on("error", () => watcher.close());
  } catch {
    return null;
  }
}

function moved(path: string): void {
  for (const entry of watched.values()) {
    if (entry.place.path === path) look(entry, true);
    else if (entry.folders.includes(path)) look(entry, false);
  }
}

/** `isAnother`: whatever stands there now was put there, even if it looks like what stood there before. */
function look(entry: Watched, isAnother: boolean): void {
  arm(entry);
  const now = standingAt(entry);
  const isNew = now !== null && (isAnother || now !== entry.seen);
  entry.seen = now;
  if (isNew) say({ type: "changed", path: entry.place.path });
}

/** Names what stands at the path and the folders it stands in; null when nothing does. */
function standingAt({ folders, place }: Watched): string | null {
  const all = [...folders, place.path].map(identityOf);
  return all.at(-1) === null ? null : all.join(" ");
}
