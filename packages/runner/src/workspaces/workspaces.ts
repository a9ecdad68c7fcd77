/**
 * Where work may happen on this machine: the roots the owner gave, the profile in force, and for each caller the part of
 * them that is theirs. Roots change only here, by the owner, on the machine.
 */
import { mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import { PaddockError, type Principal } from "@paddock/contract";
import type { Profile } from "@paddock/policy";
import * as z from "zod";
import { openRoots } from "../files/open-roots.ts";
import type { Roots } from "../files/roots.ts";
import { realPathOf } from "../sandbox/hidden/hidden.ts";
import type { HiddenIn } from "../sandbox/hidden/owners-list.ts";

export interface Root {
  /** Real absolute path. */
  path: string;
  write: boolean;
}

export interface Workspaces {
  /** The place a call works in. Throws path_outside_roots for a workspace that is not this caller's. */
  enter(principal: Pick<Principal, "toolset" | "workspaces">, workspace?: string): { workspace: string; roots: Roots };
  /** The roots as the profile in force leaves them, the default workspace first. */
  readonly list: readonly Root[];
  readonly standard: string;
  add(path: string, write: boolean): Root;
  remove(path: string): void;
  onChange(listener: () => void): void;
  /** Looks anew where links lead that stand where something is hidden. */
  refresh(): void;
}

export interface WorkspacesOptions {
  /** File that keeps the roots the owner added. */
  store: string;
  /** Default workspace; made when it is not there. */
  standard: string;
  profile: Profile;
  /** Paths that no root may show: credentials, Paddock's own state, what the owner lists. */
  hidden: HiddenIn;
  /** Where Paddock's own programs lie: read-only within a root that contains them. */
  installation: string;
  /** Calls that began under the roots of before have ended by then, and their handles can be closed. */
  longestCallMs: number;
}

const rootsFile = z.array(z.object({ path: z.string(), write: z.boolean() }));

export function openWorkspaces(options: WorkspacesOptions): Workspaces {
  const { store, standard, profile, hidden, installation, longestCallMs } = options;
  mkdirSync(standard, { recursive: true, mode: 0o755 });
  const home = realpathSync(standard);
  const listeners: (() => void)[] = [];
  const narrowed = new Map<string, Roots>();
  let added = readStore(store);

  /** An agent that may write where Paddock's programs lie would be Paddock after the next start. */
  const guarded = (list: readonly Root[]): Root[] => {
    const isNamed = list.some(({ path }) => path === installation);
    const within = list.some(({ path }) => liesBelow(installation, path));
    return within && !isNamed ? [...list, { path: installation, write: false }] : [...list];
  };

  /** The roots with these added by the owner, as the profile in force leaves them. */
  const openWith = (owners: readonly Root[]) => {
    const all = [{ path: home, write: true }, ...owners.filter(({ path }) => path !== home)];
    if (profile === "open") all.push({ path: "/", write: true });
    const list = profile === "readonly" ? all.map(({ path }) => ({ path, write: false })) : guarded(all);
    return { list, roots: openRoots({ roots: list, hidden: namesOf(hidden(list)) }) };
  };
  let opened = openWith(added);

  const replaceBy = (next: typeof opened) => {
    const { roots } = opened;
    opened = next;
    narrowed.clear();
    setTimeout(() => roots[Symbol.dispose](), longestCallMs).unref();
  };
  const change = (owners: Root[]) => {
    const next = openWith(owners);
    writeStore(store, owners);
    added = owners;
    replaceBy(next);
    for (const listener of listeners) listener();
  };

  return {
    get list() {
      return opened.list;
    },
    standard: home,

    enter({ workspaces, toolset }, wanted) {
      const own =
        workspaces.length === 0 ? opened.list : guarded(opened.list.filter(({ path }) => workspaces.includes(path)));
      const workspace = chosen(own, wanted);
      const readonly = toolset === "readonly";
      const key = `${readonly}\n${workspaces.join("\n")}`;
      const roots = narrowed.get(key) ?? opened.roots.narrow({ paths: own.map(({ path }) => path), readonly });
      narrowed.set(key, roots);
      return { workspace, roots };
    },

    add(path, write) {
      const root = { path: directory(path), write };
      change([...added.filter((other) => other.path !== root.path), root]);
      return root;
    },

    remove(path) {
      if (!added.some((root) => root.path === path)) {
        throw new PaddockError(
          "not_found",
          `${path} is not a root that was added.`,
          "List them with `paddock root list`.",
        );
      }
      change(added.filter((root) => root.path !== path));
    },

    onChange: (listener) => void listeners.push(listener),
    refresh: () => replaceBy(openWith(added)),
  };
}

function chosen(own: readonly Root[], wanted: string | undefined): string {
  const workspace = wanted ?? own[0]?.path;
  if (workspace !== undefined && own.some(({ path }) => path === workspace)) return workspace;
  throw new PaddockError(
    "path_outside_roots",
    `${workspace ?? "None of the caller's workspaces"} is not a root that this caller may work in.`,
    "`paddock root list` shows the roots, `paddock root add DIR` adds one; a token may be bound to others.",
  );
}

/** What is hidden by its name and by the place where a link of that name leads. */
const namesOf = (hidden: ReturnType<HiddenIn>): string[] =>
  hidden.flatMap((place) => [place.path, realPathOf(place) ?? place.path]);

/** Whether a path lies below a directory. A root that is the path itself was chosen by the owner as it is. */
const liesBelow = (path: string, directory: string): boolean =>
  path !== directory && path.startsWith(directory === "/" ? "/" : `${directory}/`);

/** The real path of a directory the owner names. */
function directory(path: string): string {
  if (!isAbsolute(path)) throw new PaddockError("invalid_path", "A root is an absolute path.");
  const state = statSync(path, { throwIfNoEntry: false });
  if (!state) throw new PaddockError("path_not_found", `${path} does not exist.`);
  if (!state.isDirectory()) throw new PaddockError("not_a_directory", `${path} is not a directory.`);
  return realpathSync(path);
}

function readStore(path: string): Root[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  try {
    return rootsFile.parse(JSON.parse(text));
  } catch {
    throw new PaddockError(
      "invalid_config",
      `${path} does not hold a list of roots.`,
      "Remove the file, then add the roots again with `paddock root add DIR`.",
    );
  }
}

function writeStore(path: string, roots: readonly Root[]): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.new`;
  writeFileSync(next, `${JSON.stringify(roots, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, path);
}
