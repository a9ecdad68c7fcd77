/**
 * Where snapshots of one workspace are kept: a git repository of Paddock's own, apart from any that the workspace has. Git
 * works on it in a cage that shows the workspace read-only, and obeys no configuration but this one.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CageSpec, type Cages, canRemap } from "../sandbox/cage.ts";

export interface SnapshotRepository {
  workspace: string;
  /** Host path. */
  path: string;
}

const config = `[core]
	repositoryformatversion = 0
	bare = false
	logAllRefUpdates = false
	autocrlf = false
	safecrlf = false
	symlinks = true
	fileMode = true
	quotePath = false
	fsmonitor = false
	hooksPath = /dev/null
	attributesFile = /dev/null
	excludesFile = /dev/null
	untrackedCache = true
	preloadIndex = true
	splitIndex = true
	fsync = none
	looseCompression = 1
	protectHFS = false
	protectNTFS = false
[splitIndex]
	maxPercentChange = 50
[status]
	showUntrackedFiles = all
[gc]
	auto = 0
[maintenance]
	auto = false
[advice]
	addEmbeddedRepo = false
`;

/** Whatever attributes the workspace's files name, bytes are stored as they are and no filter runs. */
const attributes = "* -text !eol -ident !filter !working-tree-encoding !merge !diff -export-subst\n";
const exclude = "node_modules/\n__pycache__/\n.venv/\n.DS_Store\n";

export function openSnapshotRepository(folder: string, workspace: string): SnapshotRepository {
  const path = join(folder, createHash("sha256").update(workspace).digest("hex").slice(0, 32));
  const files = {
    workspace: `${workspace}\n`,
    config,
    "info/attributes": attributes,
    "info/exclude": exclude,
  };
  for (const inner of ["info", "objects", join("refs", "heads"), join("refs", "checkpoints")]) {
    mkdirSync(join(path, inner), { recursive: true, mode: 0o700 });
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text, { mode: 0o600 });
  if (!existsSync(join(path, "HEAD"))) writeFileSync(join(path, "HEAD"), "ref: refs/heads/present\n", { mode: 0o600 });
  return { workspace, path };
}

/** A git that was killed leaves its lock. Only one works here at a time, so a lock that is found belongs to a dead one. */
export const removeStaleLocks = ({ path }: SnapshotRepository): void => {
  for (const name of ["index.lock", join("refs", "heads", "present.lock")]) rmSync(join(path, name), { force: true });
};

/** As long as it is named here, a tree is not swept. */
export const nameTree = ({ path }: SnapshotRepository, id: string, tree: string): void =>
  writeFileSync(join(path, "refs", "checkpoints", id), `${tree}\n`, { mode: 0o600 });

export const unnameTree = ({ path }: SnapshotRepository, id: string): void =>
  rmSync(join(path, "refs", "checkpoints", id), { force: true });

/** The cage that git works in. `writes` says that the snapshots change; the workspace never does. */
export function snapshotCage(
  cages: Cages,
  { workspace, path }: SnapshotRepository,
  writes: boolean,
): Omit<CageSpec, "argv"> {
  const at = canRemap(cages) ? "/run/paddock/snapshots.git" : path;
  return {
    cwd: workspace,
    profile: "readonly",
    domain: "checkpoints",
    roots: [{ path: workspace, write: false }],
    mounts: [{ path, at, write: writes }],
    env: {
      GIT_DIR: at,
      GIT_WORK_TREE: workspace,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_ATTR_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_LITERAL_PATHSPECS: "1",
      GIT_ALLOW_PROTOCOL: "none",
      GIT_AUTHOR_NAME: "Paddock",
      GIT_AUTHOR_EMAIL: "paddock@localhost",
      GIT_COMMITTER_NAME: "Paddock",
      GIT_COMMITTER_EMAIL: "paddock@localhost",
      LC_ALL: "C",
    },
  };
}
