/**
 * Mounts roots, outer ones first, so that an inner one keeps its own access. The folders between a writable root and
 * something hidden in it become mount points, because those cannot be renamed: what is hidden would otherwise be shown to
 * the next cage under the new name.
 */
import { dirname } from "node:path";
import type { CageSpec } from "./cage.ts";
import { gitGuard } from "./git-guard.ts";
import type { Hidden } from "./hidden/hidden.ts";
import { isBeneath } from "./paths.ts";
import type { Pins } from "./pins.ts";
import type { Step } from "./step.ts";

export type Root = CageSpec["roots"][number];

/** A cage has its own of these, whatever the host's may hold. */
const ownInside = ["/proc", "/dev", "/tmp", "/run"];

/** The root of the whole machine comes before what a cage has of its own. Null when none of `roots` is that. */
export function wholeMachine(roots: readonly Root[]): string[] | null {
  const whole = roots.findLast(({ path }) => path === "/");
  return whole ? [whole.write ? "--bind" : "--ro-bind", "/", "/"] : null;
}

/** Mounts all roots but that of the whole machine. */
export function rootMounts(roots: readonly Root[], hidden: readonly Hidden[], pins: Pins): Step[] {
  const anchors = new Set(hidden.flatMap(({ path }) => anchorsOf(roots, path)));
  for (const { path } of roots) anchors.delete(path);
  return [
    ...roots.filter(({ path }) => path !== "/").map((root) => ({ ...root, mount: () => mountRoot(root, pins) })),
    ...[...anchors].map((path) => ({ path, mount: () => mountAnchor(path, pins) })),
  ]
    .toSorted((a, b) => a.path.length - b.path.length)
    .flatMap(({ mount }) => mount());
}

function mountRoot({ path, write }: Root, pins: Pins): Step[] {
  const pin = pins.at(path);
  return [{ type: "bind", pin, path, at: path, write }, ...(write ? gitGuard(path, pin, pins) : [])];
}

/** What has changed its place since the start is not there to be held. */
function mountAnchor(path: string, pins: Pins): Step[] {
  const pin = pins.find(path);
  return pin ? [{ type: "bind", pin, path, at: path, write: true }] : [];
}

function anchorsOf(roots: readonly Root[], hidden: string): string[] {
  const around = roots.filter(({ path }) => isBeneath(path, hidden));
  const innermost = around.toSorted((a, b) => a.path.length - b.path.length).at(-1);
  if (!innermost?.write) return [];
  if (innermost.path === "/" && ownInside.some((own) => isBeneath(own, hidden))) return [];
  const folders: string[] = [];
  for (let folder = dirname(hidden); folder !== innermost.path && folder !== "/"; folder = dirname(folder)) {
    folders.push(folder);
  }
  return folders;
}
