/**
 * Where work may happen on this machine: the roots the owner gave, the profile in force, and for each caller the part of
 * them that is theirs. Roots change only here, by the owner, on the machine.
 */
import { mkdirSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, normalize } from "node:path";
import { PaddockError, type Principal } from "@paddock/contract";
import type { Profile } from "@paddock/policy";
import * as z from "zod";
import { openRoots } from "../files/open-roots.ts";
import type { Roots } from "../files/roots.ts";
import { keptFile } from "../kept-file.ts";
import { type HiddenPath, realPathOf } from "../sandbox/hidden/hidden.ts";
import type { HiddenIn } from "../sandbox/hidden/owners-list.ts";
import { type ProjectFile, projectFolder, readProjectFile, stampOf } from "./project-file.ts";

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
  /** Closes a file or folder to every call and every cage, whether it is there yet or not. Gives its real path. */
  deny(path: string): string;
  /** What the owner has closed by `deny`. */
  readonly denied: readonly string[];
  /** Takes back an added root, or a denial. */
  remove(path: string): void;
  /** What no root shows at the moment. */
  hidden(): readonly HiddenPath[];
  /** Whether the project in this root wants no network. */
  isOffline(workspace: string): boolean;
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

const rootsFile = z.array(z.object({ path: z.string(), write: z.boolean(), deny: z.literal(true).optional() }));
type Entry = z.output<typeof rootsFile>[number];

export function openWorkspaces(options: WorkspacesOptions): Workspaces {
  const { store, standard, installation, longestCallMs } = options;
  mkdirSync(standard, { recursive: true, mode: 0o755 });
  const home = realpathSync(standard);
  const listeners: (() => void)[] = [];
  const narrowed = new Map<string, Roots>();
  const openWith = (entries: readonly Entry[]) => openEntries(entries, home, options);
  const kept = keptFile(store, rootsFile, "Remove the file, then add the roots again with `paddock root add DIR`.");
  let added = kept.read() ?? [];
  let opened = openWith(added);

  const replaceBy = (next: typeof opened) => {
    const { roots } = opened;
    opened = next;
    narrowed.clear();
    setTimeout(() => roots[Symbol.dispose](), longestCallMs).unref();
  };
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const projectIn = (workspace: string) =>
    opened.projects.find(({ root }) => root === workspace) ?? { fault: null, offline: false };
  const change = (entries: Entry[]) => {
    const next = openWith(entries);
    kept.write(entries);
    added = entries;
    replaceBy(next);
    tell();
  };

  return {
    get list() {
      return opened.list;
    },
    standard: home,

    enter({ workspaces, toolset }, wanted) {
      if (opened.projects.some(({ root, stamp }) => stampOf(root) !== stamp)) {
        replaceBy(openWith(added));
        tell();
      }
      const own = ownOf(opened, workspaces, installation);
      const workspace = chosen(own, wanted);
      const { fault } = projectIn(workspace);
      if (fault) throw fault;
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

    deny(named) {
      if (!isAbsolute(named)) throw new PaddockError("invalid_path", "What is closed is named by an absolute path.");
      const path = realOrSame(normalize(named));
      change([...added.filter((other) => other.path !== path), { path, write: false, deny: true }]);
      return path;
    },

    get denied() {
      return added.filter(({ deny }) => deny).map(({ path }) => path);
    },

    hidden: () => opened.closed,
    isOffline: (workspace) => projectIn(workspace).offline,

    remove(path) {
      if (!added.some((entry) => entry.path === path)) throw unknownEntry(path);
      change(added.filter((entry) => entry.path !== path));
    },

    onChange: (listener) => void listeners.push(listener),
    refresh: () => replaceBy(openWith(added)),
  };
}

/** The default workspace and what the owner added, as the profile in force leaves it, without what is closed. */
function openEntries(entries: readonly Entry[], home: string, { profile, hidden, installation }: WorkspacesOptions) {
  const owners = entries.filter(({ path, deny }) => path !== home && !deny);
  const all = [{ path: home, write: true }, ...owners.map(({ path, write }) => ({ path, write }))];
  if (profile === "open") all.push({ path: "/", write: true });
  const projects = all.map(({ path }) => ({ root: path, ...(readProjectFile(path) ?? noFile) }));
  const isReadOnly = (root: string) =>
    profile === "readonly" || projects.some((one) => one.root === root && one.readonly);
  const given = all.map(({ path, write }) => ({ path, write: write && !isReadOnly(path) }));
  const list = profile === "readonly" ? given : guarded(given, installation, projects);
  const asked = projects.flatMap(({ root, hidden: paths }) =>
    paths.map((path) => ({ path: join(root, path), within: root })),
  );
  const closed = [...hidden(list), ...deniedIn(list, entries), ...asked];
  return { list, closed, projects, roots: openRoots({ roots: list, hidden: namesOf(closed) }) };
}

const noFile = { hidden: [], readonly: false, offline: false, stamp: null, fault: null };

/**
 * An agent that may write where Paddock's programs lie would be Paddock after the next start, and one that may write what a
 * project says of itself could take it back.
 */
function guarded(list: readonly Root[], installation: string, projects: readonly Project[]): Root[] {
  const files = projects.filter(({ stamp }) => stamp !== null).map(({ root }) => join(root, projectFolder));
  const kept = [installation, ...files]
    .filter((place) => list.some(({ path }) => liesBelow(place, path)) && !list.some(({ path }) => path === place))
    .map((path) => ({ path, write: false }));
  return [...list, ...kept];
}

type Project = Pick<ProjectFile, "hidden" | "readonly" | "offline" | "fault"> & { root: string; stamp: string | null };

const unknownEntry = (path: string): PaddockError =>
  new PaddockError(
    "not_found",
    `${path} is neither a root that was added nor closed.`,
    "List them with `paddock root list`.",
  );

function ownOf({ list, projects }: Opened, bound: readonly string[], installation: string): readonly Root[] {
  if (bound.length === 0) return list;
  return guarded(
    list.filter(({ path }) => bound.includes(path)),
    installation,
    projects,
  );
}

type Opened = ReturnType<typeof openEntries>;

function chosen(own: readonly Root[], wanted: string | undefined): string {
  const workspace = wanted ?? own[0]?.path;
  if (workspace !== undefined && own.some(({ path }) => path === workspace)) return workspace;
  throw new PaddockError(
    "path_outside_roots",
    workspace === undefined
      ? "No root of this machine is among those that this caller may work in."
      : `${workspace} is not a root that this caller may work in.`,
    "`paddock root list` shows the roots, `paddock root add DIR` adds one; a token may be bound to others.",
  );
}

/** A link that agents could put in the place of what is denied is followed in its root, and no further. */
const deniedIn = (list: readonly Root[], entries: readonly Entry[]): HiddenPath[] =>
  entries
    .filter(({ deny }) => deny)
    .map(({ path }) => {
      const root = list.find((one) => one.path !== "/" && liesBelow(path, one.path));
      return root ? { path, within: root.path } : { path };
    });

/** What is hidden by its name and by the place where a link of that name leads. */
const namesOf = (hidden: readonly HiddenPath[]): string[] =>
  hidden.flatMap((place) => [place.path, realPathOf(place) ?? place.path]);

/** Whether a path lies below a directory. A root that is the path itself was chosen by the owner as it is. */
const liesBelow = (path: string, directory: string): boolean =>
  path !== directory && path.startsWith(directory === "/" ? "/" : `${directory}/`);

function realOrSame(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path.replace(/(?<=.)\/$/, "");
  }
}

/** The real path of a directory the owner names. */
function directory(path: string): string {
  if (!isAbsolute(path)) throw new PaddockError("invalid_path", "A root is an absolute path.");
  const state = statSync(path, { throwIfNoEntry: false });
  if (!state) throw new PaddockError("path_not_found", `${path} does not exist.`);
  if (!state.isDirectory()) throw new PaddockError("not_a_directory", `${path} is not a directory.`);
  return realpathSync(path);
}
