/**
 * The key by which machines know this hub, and those that it had before, each of which has signed the next: a machine that was
 * away while the key changed follows them. The key itself is written last, so that a crash in between leaves the one before.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import { type FormerKey, formerKeys, hubKeyText, maxFormerKeys } from "@paddock/contract/link";
import { keyAt, type LinkKey, newKey, writePrivate } from "@paddock/link/sealed";

export interface HubKey {
  readonly key: LinkKey;
  /** Oldest first. */
  readonly before: readonly FormerKey[];
}

const keyFile = (folder: string): string => join(folder, "link.key");
const beforeFile = (folder: string): string => join(folder, "link.before.json");

/** Made when there is none. Throws invalid_config for files that say nothing. */
export function hubKeyAt(folder: string): HubKey {
  const key = keyAt(keyFile(folder));
  const kept = readBefore(beforeFile(folder));
  const own = kept.findIndex((former) => former.key === key.publicKey);
  // A word of the key itself is about one that was never kept.
  return { key, before: own < 0 ? kept : kept.slice(0, own) };
}

/** Another key, which counts once it is kept. */
export function nextHubKey({ key, before }: HubKey): HubKey {
  const next = newKey();
  const signature = key.sign(hubKeyText(key.publicKey, next.publicKey));
  return { key: next, before: [...before, { key: key.publicKey, signature }].slice(-maxFormerKeys) };
}

export function keepHubKey(folder: string, { key, before }: HubKey): void {
  writePrivate(beforeFile(folder), JSON.stringify(before));
  writePrivate(keyFile(folder), key.pem);
}

function readBefore(path: string): readonly FormerKey[] {
  try {
    return formerKeys.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new PaddockError(
      "invalid_config",
      `${path} cannot be read as the keys that this hub had.`,
      "Restore it, or remove it: machines that know a former key only then join again with a new code.",
    );
  }
}
