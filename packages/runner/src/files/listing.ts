/** What a directory holds: one level as a list, several as a tree. Links are shown and not entered. */
import { PaddockError } from "@paddock/contract";
import { type PathGlob, pathGlob } from "../context/path-glob.ts";
import type { FileState, Located, Roots } from "./roots.ts";

export interface Entry {
  name: string;
  state: FileState;
}

const ignores = (globs: readonly string[]): PathGlob => {
  const matchers = globs.map((glob) => pathGlob(glob, "anywhere"));
  return (path) => matchers.some((matches) => matches(path));
};

/** Entries sorted by name, less those whose name an `ignore` glob matches. */
export async function listDirectory(roots: Roots, place: Located, ignore: readonly string[]): Promise<Entry[]> {
  const ignored = ignores(ignore);
  const entries = await roots.entries(place);
  return entries.filter(({ name }) => !ignored(name)).sort(byName);
}

const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : 1);

export interface TreeNode {
  [key: string]: unknown;
  name: string;
  type: FileState["type"];
  children?: TreeNode[];
  truncated?: true;
}

export interface TreeOptions {
  maxDepth: number;
  maxEntries: number;
  includeHidden: boolean;
  ignore: readonly string[];
  signal: AbortSignal;
}

export interface Tree {
  tree: TreeNode;
  count: number;
  truncated: boolean;
}

interface Walk extends TreeOptions {
  roots: Roots;
  ignored: PathGlob;
  count: number;
  truncated: boolean;
}

/** Goes level by level, so that a limit cuts off what lies deepest. */
export async function directoryTree(roots: Roots, place: Located, options: TreeOptions): Promise<Tree> {
  const walk: Walk = { ...options, roots, ignored: ignores(options.ignore), count: 0, truncated: false };
  const tree: TreeNode = { name: place.absolute.slice(place.absolute.lastIndexOf("/") + 1) || "/", type: "directory" };
  let level = [{ node: tree, place, path: "" }];
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: typeof level = [];
    for (const one of level) {
      if (depth < options.maxDepth) next.push(...(await fill(walk, one)));
      else cut(walk, one.node);
    }
    level = next;
  }
  return { tree, count: walk.count, truncated: walk.truncated };
}

function cut(walk: Walk, node: TreeNode): void {
  node.truncated = true;
  walk.truncated = true;
}

interface Open {
  node: TreeNode;
  place: Located;
  path: string;
}

/** Gives a node its children and returns those that are directories. */
async function fill(walk: Walk, { node, place, path }: Open): Promise<Open[]> {
  if (walk.signal.aborted) throw new PaddockError("cancelled", "The call was cancelled.");
  const entries = walk.count < walk.maxEntries ? await readable(walk.roots, place, path === "") : null;
  if (entries === null) {
    cut(walk, node);
    return [];
  }
  const directories: Open[] = [];
  node.children = [];
  for (const { name, state } of entries.sort(byName)) {
    const inner = path === "" ? name : `${path}/${name}`;
    if (isLeftOut(walk, name, inner)) continue;
    if (walk.count >= walk.maxEntries) {
      cut(walk, node);
      break;
    }
    walk.count += 1;
    const child: TreeNode = { name, type: state.type };
    node.children.push(child);
    if (state.type === "directory") directories.push({ node: child, place: below(place, name), path: inner });
  }
  return directories;
}

const isLeftOut = (walk: Walk, name: string, path: string): boolean =>
  (!walk.includeHidden && (name.startsWith(".") || name === "node_modules")) || walk.ignored(path);

const goneOrClosed: ReadonlySet<string> = new Set([
  "permission_denied",
  "path_not_found",
  "not_a_directory",
  "path_outside_roots",
  "too_large",
]);

/** Null for a directory below the first that cannot be listed, or is one no longer. */
async function readable(roots: Roots, place: Located, isFirst: boolean): Promise<Entry[] | null> {
  try {
    return await roots.entries(place);
  } catch (error) {
    if (!isFirst && error instanceof PaddockError && goneOrClosed.has(error.code)) return null;
    throw error;
  }
}

const below = (place: Located, name: string): Located => ({
  ...place,
  relative: place.relative === "" ? name : `${place.relative}/${name}`,
  absolute: place.absolute === "/" ? `/${name}` : `${place.absolute}/${name}`,
});
