/** The setting `hidden_paths`: what the owner wants hidden besides credentials, for the roots that there are. */
import { isAbsolute, join, normalize } from "node:path";
import { PaddockError } from "@paddock/contract";
import type { HiddenPath } from "./hidden.ts";

export type HiddenIn = (roots: readonly { path: string }[]) => HiddenPath[];

/** `always` is hidden whatever the owner lists. Throws invalid_config for an entry that cannot be held. */
export function hiddenIn(always: readonly string[], listed: readonly string[], ownerHome: string): HiddenIn {
  const entries = listed.map((entry) => placeOf(entry, ownerHome));
  const everywhere = [...always, ...entries.filter((entry) => isAbsolute(entry))].map((path) => ({ path }));
  const inRoots = entries.filter((entry) => !isAbsolute(entry));
  return (roots) => [
    ...everywhere,
    ...roots.flatMap(({ path: within }) => inRoots.map((entry) => ({ path: join(within, entry), within }))),
  ];
}

function placeOf(entry: string, ownerHome: string): string {
  const path = normalize(entry.replace(/^~(?=\/|$)/, ownerHome)).replace(/(?<=.)\/$/, "");
  if (entry === "" || path === "." || path === "/" || path.split("/").includes("..") || path.includes("\0"))
    throw unfit(entry, "is no place within a root, nor one of the machine");
  if (/[*?[\]{}]/.test(path)) throw unfit(entry, "is a pattern, and new files could match it unseen");
  return path;
}

const unfit = (entry: string, why: string): PaddockError =>
  new PaddockError(
    "invalid_config",
    `hidden_paths: ${JSON.stringify(entry)} ${why}.`,
    "Name a file or folder: absolute, from ~/, or relative to every root. Hide a whole folder rather than a pattern.",
  );
