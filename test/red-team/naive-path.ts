/** How paths have been checked elsewhere, with the mistakes that became known. */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import type { Weakness } from "./mechanism.ts";
import type { Scene } from "./scene.ts";

export type NaivePath = (path: string) => string;

export function naivePath({ work, here, owner }: Scene, weakness?: Weakness): NaivePath {
  const isBelow = (path: string) => path === work || path.startsWith(`${work}/`);
  const checked = (path: string, holds: boolean) => {
    if (!holds) throw new Error("outside of the workspace");
    return path;
  };
  const plain = (path: string) => resolve(here, path);
  if (weakness === "prefix") return (path) => checked(plain(path), plain(path).startsWith(work));
  if (weakness === "lexical") return (path) => checked(plain(path), isBelow(plain(path)));
  if (weakness === "checks first") return (path) => checked(plain(path), isBelow(realpathSync(plain(path))));
  if (weakness === "decodes") {
    return (path) => plain(decodeURIComponent(checked(path, isBelow(plain(path)))));
  }
  if (weakness === "expands") return (path) => plain(path.replace(/^~|\$HOME/, owner));
  return plain;
}
