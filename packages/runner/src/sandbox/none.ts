/**
 * Runs a program without containing it: the machine's owner chose that, or allowed this one call to leave the cage. It has
 * a clean environment and a session of its own, and a mark in its environment by which all that it starts is found again.
 */
import type { ChildProcess } from "node:child_process";
import { realpathSync } from "node:fs";
import { userInfo } from "node:os";
import { resolve } from "node:path";
import {
  descendantsOf,
  type Entry,
  listEntries,
  membersOfEnvironment,
  signalExactly,
} from "../processes/process-table.ts";
import { spawnProgram } from "../processes/spawn.ts";
import type { Backend, CageOptions } from "./backend.ts";
import type { CageSpec, Contained } from "./cage.ts";
import { cagedChild, type Tree } from "./child.ts";
import { newMark } from "./last-resort.ts";
import { isBeneath } from "./paths.ts";
import { noProof } from "./proof.ts";
import { cleanEnvironment } from "./view.ts";

export function openNone(options: CageOptions): Backend {
  return { kind: "none", proof: noProof, start: (spec) => startUncaged(spec, options), close: () => undefined };
}

/** `cwd` of the spec is any directory. */
export function startUncaged(
  spec: CageSpec,
  { ownerHome, toolPath }: Pick<CageOptions, "ownerHome" | "toolPath">,
): Promise<Contained> {
  const mark = newMark();
  const env = cleanEnvironment({ path: toolPath, env: {} }, ownerHome);
  const { username } = userInfo();
  const wanted: Record<string, string> = { ...env, USER: username, LOGNAME: username, ...spec.env };
  const [program = "", ...rest] = spec.argv;
  const child = spawnProgram({
    argv: [program, ...rest],
    env: {
      ...wanted,
      ...(spec.noCage ? { PATH: ownersPath(wanted.PATH ?? toolPath, spec.roots) } : {}),
      [mark.name]: mark.value,
    },
    cwd: spec.cwd,
    stdio: ["pipe", "pipe", "pipe", ...(spec.inherit ?? [])],
    detached: true,
  });
  return cagedChild(child, program, uncagedTree(child, mark.assignment));
}

/** A folder that agents can write holds no program of the owner's, whatever it is called, and neither does the present one. */
export const ownersPath = (path: string, roots: CageSpec["roots"]): string =>
  path
    .split(":")
    .filter((folder) => folder.startsWith("/") && !roots.some((root) => root.write && holds(root.path, folder)))
    .join(":");

const holds = (root: string, folder: string): boolean => root !== "/" && isBeneath(root, realOrSame(folder));

function realOrSame(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

export function uncagedTree(child: ChildProcess, assignment: string): Tree {
  const members = (): Entry[] => {
    const entries = listEntries().filter(({ zombie }) => !zombie);
    const found = new Map<number, Entry>();
    for (const entry of entries) if (entry.session === child.pid) found.set(entry.pid, entry);
    for (const entry of membersOfEnvironment(assignment)) found.set(entry.pid, entry);
    for (const { pid } of [...found.values()])
      for (const entry of descendantsOf(pid, entries)) found.set(entry.pid, entry);
    return [...found.values()];
  };
  const destroy = () => {
    for (const member of members()) signalExactly(member, "SIGKILL");
  };
  return {
    members,
    places: () => members().length,
    destroy,
    isGone: () => members().length === 0,
    release: () => undefined,
  };
}
