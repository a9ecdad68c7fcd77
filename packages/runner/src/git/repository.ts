/** A repository as a call sees it: found and read in a cage, and refused when any part of it lies outside of the roots. */
import { dirname, relative } from "node:path";
import { PaddockError } from "@paddock/contract";
import type { CageSpec, Cages, Finished } from "../sandbox/cage.ts";
import type { Place } from "../tools/handler.ts";
import { cageEnvironment, type Identity, lastOf, overrides, type Settings } from "./environment.ts";
import { failureOf } from "./words.ts";

export interface GitParts {
  cages: Cages;
  /** The owner's, given to every commit that the repository names no other for; null when the owner has set none. */
  identity(): Promise<Identity | null>;
}

export interface Repository {
  readonly place: Place;
  /** Real path of the directory that the call named. */
  readonly cwd: string;
  readonly top: string;
  readonly gitDir: string;
  /** Where objects, branches and settings live; another than `gitDir` in a linked worktree. */
  readonly commonDir: string;
  /** Short name; null when HEAD is detached. */
  readonly branch: string | null;
  readonly head: string | null;
  readonly settings: Settings;
  /** The commits that the asked revisions name, in their order; null where there is none. */
  readonly commits: readonly (string | null)[];
}

const timeoutMs = 120_000;
const most = 4 * 1024 * 1024;

// Constant text: what differs from call to call arrives as arguments, never as part of it.
const look = `
places=$(git rev-parse --path-format=absolute --show-toplevel --git-dir --git-common-dir) || exit
branch=$(git symbolic-ref --quiet HEAD || :)
head=$(git rev-parse --verify --quiet HEAD || :)
printf '%s\\0%s\\0%s\\0' "$places" "$branch" "$head"
for revision; do
  printf '%s\\0' "$(git rev-parse --verify --quiet --end-of-options "$revision^{commit}" || :)"
done
git config -z --list
`;

/** Finds the repository of `path`, or of the workspace, and resolves `revisions` to commits. */
export async function inspect(
  { cages }: GitParts,
  place: Place,
  path: string | undefined,
  revisions: readonly string[] = [],
): Promise<Repository> {
  for (const revision of revisions) refuseOption("revision", revision);
  const cwd = await directoryOf(place, path);
  const spec = cageOf(place, cwd, { write: false, settings: new Map() });
  const finished = await cages.run(
    { ...spec, argv: ["sh", "-c", look, "git", ...revisions] },
    { maxBytes: most, timeoutMs, signal: place.signal },
  );
  if (finished.code !== 0 || finished.truncated) throw failureOf("rev-parse", finished);
  const [places = "", branch = "", head = "", ...rest] = finished.stdout.toString("utf8").split("\0");
  const [top, gitDir, commonDir, ...odd] = places.split("\n");
  if (top === undefined || gitDir === undefined || commonDir === undefined || odd.length > 0) {
    throw new PaddockError(
      "not_a_repository",
      "The path of this repository contains a line break, which is not supported.",
    );
  }
  await Promise.all([top, gitDir, commonDir].map((found) => refuseOutside(place, found)));
  return {
    place,
    cwd,
    top,
    gitDir,
    commonDir,
    branch: branch.replace(/^refs\/heads\//, "") || null,
    head: head || null,
    commits: rest.slice(0, revisions.length).map((commit) => commit || null),
    settings: settingsOf(rest.slice(revisions.length)),
  };
}

/** The commit of the revision that was asked for first. */
export function commitOf({ commits: [commit] }: Repository, revision: string): string {
  if (!commit)
    throw new PaddockError(
      "git_failed",
      `There is no commit ${JSON.stringify(revision)}.`,
      "See git_log and git_branch.",
    );
  return commit;
}

async function directoryOf({ roots, workspace }: Place, path = workspace): Promise<string> {
  const found = await roots.real(roots.locate(path, workspace));
  const state = await roots.stat(found);
  if (state?.type !== "directory") throw new PaddockError("not_a_directory", `${path} is not a directory.`);
  return found.absolute;
}

async function refuseOutside({ roots, workspace }: Place, path: string): Promise<void> {
  try {
    await roots.real(roots.locate(path, workspace));
  } catch (error) {
    if (!(error instanceof PaddockError)) throw error;
    throw new PaddockError(
      "path_outside_roots",
      `This repository is kept in ${path}, which no root of this call shows.`,
    );
  }
}

function settingsOf(entries: readonly string[]): Settings {
  const settings = new Map<string, string[]>();
  for (const entry of entries) {
    if (entry === "") continue;
    const cut = entry.indexOf("\n");
    const key = cut < 0 ? entry : entry.slice(0, cut);
    const values = settings.get(key);
    const value = cut < 0 ? "true" : entry.slice(cut + 1);
    if (values) values.push(value);
    else settings.set(key, [value]);
  }
  return settings;
}

/** Git reads what begins with a dash as an option, so no value from a caller may. */
export function refuseOption(what: string, value: string): string {
  if (value.startsWith("-"))
    throw new PaddockError("invalid_input", `A ${what} cannot begin with a dash: ${JSON.stringify(value)}.`);
  if (value.includes("\0")) throw new PaddockError("invalid_input", `A ${what} cannot contain a NUL byte.`);
  return value;
}

/** The full name of a branch that a caller named; throws invalid_input where git would not take it. */
export function branchRef(name: string): string {
  refuseOption("branch", name);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git refuses control characters in names
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$|^\/|(^|\/)\.|\.lock(\/|$)|^(@|HEAD)$/.test(name)) {
    throw new PaddockError("invalid_input", `${JSON.stringify(name)} is not a name for a branch.`);
  }
  return `refs/heads/${name}`;
}

/** Paths from a caller, as git takes them: relative to the directory it runs in. Throws path_outside_roots. */
export const pathspecs = ({ place, cwd }: Repository, files: readonly string[]): string[] =>
  files.map((file) => relative(cwd, place.roots.locate(file, cwd).absolute) || ".");

export interface GitRun {
  /** The subcommand and its arguments. */
  args: readonly string[];
  write: boolean;
  cwd?: string;
  input?: string;
  maxBytes?: number;
  /** Sees stdout as it comes; false ends git, which then counts as done. */
  onStdout?: (chunk: Buffer) => boolean;
  mounts?: CageSpec["mounts"];
}

/** Runs one git command in the repository, contained. Throws git_failed with git's own words. */
export async function git(parts: GitParts, repository: Repository, run: GitRun): Promise<Finished> {
  const { place, settings } = repository;
  if (run.write) refuseReadonly(repository);
  const { onStdout, input, mounts } = run;
  const spec = cageOf(place, run.cwd ?? repository.cwd, { write: run.write, settings });
  let stopped = false;
  const see = (chunk: Buffer): boolean => {
    stopped ||= onStdout?.(chunk) === false;
    return !stopped;
  };
  const finished = await parts.cages.run(
    {
      ...spec,
      argv: ["git", "--no-pager", ...(run.write ? [] : ["--no-optional-locks"]), ...run.args],
      env: { ...spec.env, ...(run.write ? identityEnvironment(await parts.identity(), settings) : {}) },
      ...(mounts ? { mounts } : {}),
    },
    {
      maxBytes: run.maxBytes ?? most,
      timeoutMs,
      signal: place.signal,
      ...(input === undefined ? {} : { input }),
      ...(onStdout ? { onStdout: see } : {}),
    },
  );
  place.signal.throwIfAborted();
  if (finished.code === 0 || stopped) return finished;
  throw failureOf(run.args[0] ?? "", finished);
}

function refuseReadonly({ place, top }: Repository): void {
  if (place.roots.locate(top, place.workspace).write) return;
  throw new PaddockError("readonly", `The repository ${top} lies beneath a root that may only be read.`);
}

type Cage = Omit<CageSpec, "argv"> & { env: Record<string, string> };

function cageOf(place: Place, cwd: string, { write, settings }: { write: boolean; settings: Settings }): Cage {
  const root = place.roots.locate(cwd, place.workspace).root;
  return {
    cwd,
    profile: write ? place.profile : "readonly",
    domain: place.domain,
    roots: place.roots.list.map((shown) => ({ path: shown.path, write: shown.write && write })),
    env: cageEnvironment(overrides(settings), dirname(root)),
  };
}

/** The repository's own name and address go first: its owner may have set them for this work. */
function identityEnvironment(identity: Identity | null, settings: Settings): Record<string, string> {
  const name = lastOf(settings, "user.name") ?? identity?.name;
  const email = lastOf(settings, "user.email") ?? identity?.email;
  if (name === undefined || email === undefined) return {};
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}
