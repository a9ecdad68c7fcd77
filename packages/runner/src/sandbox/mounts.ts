/** What a cage shows and covers of the host, step by step, whatever mounts it. Later steps lie above earlier ones. */
import type { CageSpec, Mount } from "./cage.ts";
import type { Hidden } from "./hidden/hidden.ts";
import { isBeneath } from "./paths.ts";
import type { Pins } from "./pins.ts";
import { type Root, rootMounts } from "./root-mounts.ts";
import type { Step } from "./step.ts";

export interface Shown {
  /** Folders of the host that are shown writable or read-only, roots first. */
  roots: readonly Root[];
  /** Mounts that come after what is covered. */
  narrow: readonly Mount[];
}

/** The whole machine for profile `open`, the roots, and those of the mounts that contain something hidden. */
export function shownOf(spec: CageSpec, hidden: readonly Hidden[]): Shown {
  const { wide = [], narrow = [] } = Object.groupBy(spec.mounts ?? [], (mount) => reachOf(mount, hidden));
  const machine = spec.profile === "open" ? [{ path: "/", write: true }] : [];
  return { roots: [...machine, ...rootsOf(spec), ...wide], narrow };
}

/** `folders` are those in which something hidden could be seen, `own` what a cage has for itself anyway. */
export function stepsFor(
  { roots, narrow }: Shown,
  hidden: readonly Hidden[],
  { folders, own, pins }: { folders: readonly string[]; own: readonly string[]; pins: Pins },
): Step[] {
  return [
    ...rootMounts(roots, hidden, pins),
    ...covers(hidden, folders, own),
    ...narrow.map((mount) => stepOf(mount, pins)),
  ];
}

export const rootsOf = ({ profile, roots }: CageSpec): readonly Root[] =>
  profile === "readonly" ? roots.map(({ path }) => ({ path, write: false })) : roots;

const covers = (hidden: readonly Hidden[], folders: readonly string[], own: readonly string[]): Step[] =>
  hidden
    .filter(
      ({ path }) => folders.some((folder) => isBeneath(folder, path)) && !own.some((part) => isBeneath(part, path)),
    )
    .map(({ path, type }) => ({ type: "cover", at: path, what: type }));

/** A mount that contains something hidden comes before that is covered; all others come last. */
function reachOf({ path, at = path }: Mount, hidden: readonly Hidden[]): "wide" | "narrow" {
  return path === at && hidden.some((covered) => covered.path !== path && isBeneath(path, covered.path))
    ? "wide"
    : "narrow";
}

const stepOf = ({ path, at = path, write, exact }: Mount, pins: Pins): Step =>
  exact ? { type: "bind", pin: pins.at(path), path, at, write } : { type: "place", path, at, write };
