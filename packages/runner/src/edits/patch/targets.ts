/** Which files the names of a patch mean: from the workspace, or from the `path` that was given along with it. */
import { normalize, resolve } from "node:path";
import { PaddockError } from "@paddock/contract";
import type { Located, Roots } from "../../files/roots.ts";
import { invalidPatch, type Section } from "./patch.ts";

export interface Base {
  /** The place of a name; null is the file that `path` itself names. Throws what `Roots.locate` throws. */
  locate(name: string | null): Located;
}

/**
 * `path` is the file for bare hunks. With one named file it may be that file, its name in the patch being the end of it;
 * else it is the directory that names start at.
 */
export async function baseOf(
  path: string | undefined,
  sections: readonly Section[],
  roots: Roots,
  workspace: string,
): Promise<Base> {
  const [first] = sections;
  if (path === undefined) {
    if (first?.path === null) {
      throw new PaddockError(
        "invalid_input",
        "Bare @@ hunks name no file.",
        "Give the file as path, or add --- and +++ lines.",
      );
    }
    return from(roots, workspace);
  }
  const place = roots.locate(path, workspace);
  const state = await roots.stat(place);
  if (first?.path === null) return { locate: () => place };
  if (state?.type === "directory") return from(roots, place.absolute);
  const directory = sections.length === 1 && first ? directoryFor(place.absolute, first.path) : undefined;
  if (directory !== undefined) return from(roots, directory);
  if (state === null) return from(roots, place.absolute);
  throw invalidPatch(first?.at ?? 1, `path is the file ${path}, but the patch names another`, first?.path ?? "");
}

const from = (roots: Roots, directory: string): Base => ({ locate: (name) => roots.locate(name ?? ".", directory) });

/** The directory from which the name leads to the file. */
function directoryFor(file: string, name: string): string | undefined {
  const plain = normalize(name);
  if (plain === file) return "/";
  return file.endsWith(`/${plain}`) ? file.slice(0, file.length - plain.length - 1) || "/" : undefined;
}

/** Every path that the patch may touch, for the policy; without looking at the disk, so both readings of `path` count. */
export function pathsIn(sections: readonly Section[], path: string | undefined, workspace: string): string[] {
  const base = path === undefined ? workspace : resolve(workspace, path);
  return [...new Set(sections.flatMap((section) => pathsOf(section, base)))];
}

function pathsOf(section: Section, base: string): string[] {
  if (section.path === null) return [base];
  const names = [section.path, ...(section.type === "update" && section.to !== undefined ? [section.to] : [])];
  const bases = [base, directoryFor(base, section.path)].filter((directory) => directory !== undefined);
  return bases.flatMap((directory) => names.map((name) => resolve(directory, name)));
}
