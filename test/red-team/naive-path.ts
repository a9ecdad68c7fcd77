/** How paths have been checked elsewhere, with the mistakes that became known. */
import { realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Weakness } from "./mechanism.ts";
import type { Scene } from "./scene.ts";

export type NaivePath = (path: string) => string;

export function naivePath(scene: Scene, weakness?: Weakness): NaivePath {
  const { work, here, owner } = scene;
  const isBelow = (path: string) => path === work || path.startsWith(`${work}/`);
  const checked = (path: string, holds: boolean) => {
    if (!holds) throw new Error("outside of the workspace");
    return path;
  };
  const plain = (path: string) => resolve(here, path);
  if (weakness === "prefix") return (path) => checked(plain(path), plain(path).startsWith(work));
  if (weakness === "lexical") return (path) => checked(plain(path), isBelow(plain(path)));
  if (weakness === "checks first") {
    return (path) => {
      checked(path, isBelow(existingPart(plain(path))));
      scene.afterCheck?.(plain(path));
      return plain(path);
    };
  }
  if (weakness === "decodes") {
    return (path) => plain(decodeURIComponent(checked(path, isBelow(plain(path)))));
  }
  if (weakness === "expands") return (path) => plain(path.replace(/^~|\$HOME/, owner));
  return plain;
}

/** The real path of the part that exists. */
function existingPart(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return existingPart(dirname(path));
  }
}
