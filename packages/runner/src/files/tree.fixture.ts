/** A directory with a root in it and something outside of it, for the tests of file access. */
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { type OpenRoots, openRoots } from "./open-roots.ts";
import type { Located } from "./roots.ts";

export interface World {
  /** Holds everything below. */
  top: string;
  /** The root. */
  root: string;
  /** A neighbour of the root with a file `secret`. */
  outside: string;
  roots: OpenRoots;
  at(path: string): Located;
}

export const secret = "nobody may read this";

/** `files` are paths below the root; a value that starts with "-> " is a link's target, "/" a directory. */
export function makeWorld(
  context: TestContext,
  files: Record<string, string> = {},
  hidden: readonly string[] = [],
): World {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "paddock-files-")));
  context.after(() => rmSync(top, { recursive: true, force: true }));
  const root = join(top, "app");
  const outside = join(top, "app-evil");
  fill(root, files);
  fill(outside, { secret });
  const roots = openRoots({ roots: [{ path: root, write: true }], hidden: hidden.map((path) => join(root, path)) });
  context.after(() => roots[Symbol.dispose]());
  return { top, root, outside, roots, at: (path) => roots.locate(path, root) };
}

export function fill(directory: string, files: Record<string, string>): void {
  mkdirSync(directory, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const whole = join(directory, path);
    mkdirSync(dirname(whole), { recursive: true });
    if (content === "/") mkdirSync(whole, { recursive: true });
    else if (content.startsWith("-> ")) symlinkSync(content.slice(3), whole);
    else writeFileSync(whole, content);
  }
}

/** All that is below a directory, in the form that `fill` takes. */
export function picture(directory: string): Record<string, string> {
  const names = readdirSync(directory).sort();
  return Object.fromEntries(names.flatMap((name) => shown(name, join(directory, name))));
}

function shown(name: string, path: string): [string, string][] {
  const state = lstatSync(path);
  if (state.isSymbolicLink()) return [[name, `-> ${readlinkSync(path)}`]];
  if (state.isFile()) return [[name, readFileSync(path, "utf8")]];
  const inner = Object.entries(picture(path));
  return inner.length === 0 ? [[name, "/"]] : inner.map(([below, value]) => [`${name}/${below}`, value]);
}

/** The code with which something fails, or "ok". */
export async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
    return "ok";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : `bug: ${String(error)}`;
  }
}
