/**
 * Takes one snapshot: git lists what changed since the last one, what must not be stored is taken off the list here, and git
 * stores the rest. Both happen in the same cage. Repositories within the workspace are stored as the plain files they are.
 */
import { looksSecret } from "@paddock/policy";
import type { Caged, Cages } from "../sandbox/cage.ts";
import { Records } from "./records.ts";
import { removeStaleLocks, type SnapshotRepository, snapshotCage } from "./snapshot-repository.ts";

export interface Snapshot {
  tree: string;
  /** Paths that are too large, unreadable or of an odd kind; secrets are not counted. */
  leftOut: readonly string[];
}

export interface TakeOptions {
  maxFileBytes: number;
  timeoutMs: number;
  /** Tree of the last snapshot, where it is known. */
  present: string | null;
  /** Ends what is being done. */
  signal: AbortSignal;
}

/** Named to find as well, which must call it unfit: proof that it understood what it was asked. */
const unfitExample = "/dev/null";

// Constant texts; paths come in over stdin or as arguments. A record that begins with "=" ends a list: git's never do.
// After the first list the number of bytes is read that the names of the second question have, then these, then what to store.
// What git remembers of directories does not tell it that one was entered: in the rounds after that it looks afresh.
const storing = `
git -c "core.untrackedCache=$3" status --porcelain=v2 -z --untracked-files=all --no-renames --ignore-submodules=all || exit
printf '=\\0'
read -r bytes || exit 0
head -c "$bytes" | xargs -0 -r sh -c '
  most=$1; shift
  exec find ${unfitExample} "$@" -maxdepth 0 ! -type d "(" ! -type f ! -type l -o -type f "(" -size "+\${most}c" -o ! -readable ")" ")" -print0
' find "$1" 2>/dev/null
printf '=\\0'
git update-index -z --add --remove --replace --stdin || exit
tree=$(git write-tree) || exit
if [ "$tree" != "$2" ]; then
  commit=$(git commit-tree "$tree" </dev/null) && git update-ref refs/heads/present "$commit" || exit
fi
printf '%s' "$tree"
`;

/** A file that git is told not to look for makes it walk into a directory that it would take for a submodule. */
export const nestedMark = ".paddock-nested";
const enteringNested = `
blob=$(git hash-object -w --stdin </dev/null) || exit
for nested; do printf '100644 %s\\t%s${nestedMark}\\0' "$blob" "$nested"; done | git update-index -z --index-info || exit
for nested; do printf '%s${nestedMark}\\0' "$nested"; done | git update-index -z --skip-worktree --stdin
`;
const forgetting = "exec git update-index -z --force-remove --stdin";

const mostNested = 500;
const mostRounds = 12;

/** Throws when git fails, the time is over or there is far too much to list. */
export async function takeSnapshot(
  cages: Cages,
  repository: SnapshotRepository,
  options: TakeOptions,
): Promise<Snapshot> {
  removeStaleLocks(repository);
  let { present } = options;
  for (let round = 0; round < mostRounds; round += 1) {
    const { tree, changes } = await store(cages, repository, { ...options, present }, round > 0);
    const { nested, stale } = changes;
    if (nested.length === 0 && stale.length === 0) return { tree, leftOut: changes.leftOut };
    present = tree;
    if (stale.length > 0) await update(cages, repository, ["sh", "-c", forgetting], stale, options);
    if (nested.length > 0) {
      await update(cages, repository, ["sh", "-c", enteringNested, "git", ...nested.slice(0, mostNested)], [], options);
    }
  }
  throw new Error("repositories are nested too deeply");
}

interface Changes {
  /** To be stored, or to be forgotten where they are gone. */
  paths: string[];
  /** Directories that git takes for submodules, with a slash at the end. */
  nested: string[];
  leftOut: string[];
  /** Stored before, not to be stored any more. */
  stale: string[];
}

/**
 * Sorts the records of `git status`. `unfit` are the paths that cannot be stored as they are now, as find names them; a name
 * that is not UTF-8 cannot be stored either.
 */
function sortChanges(records: readonly string[], unfit: ReadonlySet<string>): Changes {
  const changes: Changes = { paths: [], nested: [], leftOut: [], stale: [] };
  const isUnfit = (path: string) => unfit.has(`./${path}`) || path.includes("\ufffd");
  const isNoConcern = (path: string) => path === "" || path.endsWith(`/${nestedMark}`) || looksSecret(path);
  for (const record of records) {
    const { path, stored } = changeOf(record);
    if (path.endsWith("/")) changes.nested.push(path);
    else if (isNoConcern(path)) continue;
    else if (!isUnfit(path)) changes.paths.push(path);
    else {
      changes.leftOut.push(path);
      if (stored) changes.stale.push(path);
    }
  }
  return changes;
}

function changeOf(record: string): { path: string; stored: boolean } {
  if (record.startsWith("? ")) return { path: record.slice(2), stored: false };
  return { path: /^1 (?:[^ ]+ ){7}(.*)$/s.exec(record)?.[1] ?? "", stored: true };
}

async function store(
  cages: Cages,
  repository: SnapshotRepository,
  options: TakeOptions,
  afresh: boolean,
): Promise<Stored> {
  const { maxFileBytes, timeoutMs, signal, present } = options;
  const argv = ["sh", "-c", storing, "git", String(maxFileBytes), present ?? "", afresh ? "false" : "true"];
  const caged = await cages.start({ ...snapshotCage(cages, repository, true), argv });
  const end = () => caged.kill(0).catch((stuck) => caged.stdout.destroy(stuck));
  const timer = setTimeout(end, timeoutMs);
  signal.addEventListener("abort", end, { once: true });
  const words = collectWords(caged);
  try {
    const stored = await converse(caged, present);
    if (stored) return stored;
    const { code } = await caged.exited;
    throw new Error(`git ended with ${code}: ${words().slice(0, 500)}`);
  } catch (error) {
    await caged.kill(0);
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

interface Stored {
  tree: string;
  changes: Changes;
}

/** Null when git ended without saying what it stored. */
async function converse({ stdin, stdout }: Caged, present: string | null): Promise<Stored | null> {
  const output = new Records(stdout);
  const records = await output.upToMark();
  if (records.length === 0 && present !== null) {
    stdin.end();
    return { tree: present, changes: sortChanges([], new Set()) };
  }
  const names = records.map((record) => `./${changeOf(record).path}\0`).join("");
  stdin.write(`${Buffer.byteLength(names)}\n${names}`);
  const unfit = new Set(await output.upToMark());
  if (records.length > 0 && !unfit.has(unfitExample)) throw new Error("find does not know -readable, -size or -print0");
  const changes = sortChanges(records, unfit);
  stdin.end(changes.paths.map((path) => `${path}\0`).join(""));
  const tree = await output.rest();
  return /^[0-9a-f]{40}$/.test(tree) ? { tree, changes } : null;
}

function collectWords({ stderr, stdin }: Caged): () => string {
  let text = "";
  stderr.on("data", (chunk: Buffer) => {
    if (text.length < 4096) text += chunk.toString("utf8");
  });
  // A git that has ended early says why on stderr and by its exit code.
  stdin.on("error", () => undefined);
  return () => text.trim();
}

async function update(
  cages: Cages,
  repository: SnapshotRepository,
  argv: readonly string[],
  paths: readonly string[],
  { timeoutMs, signal }: TakeOptions,
): Promise<void> {
  const input = paths.map((path) => `${path}\0`).join("");
  const finished = await cages.run(
    { ...snapshotCage(cages, repository, true), argv },
    { input, maxBytes: 64 * 1024, timeoutMs, signal },
  );
  if (finished.code !== 0)
    throw new Error(`git ended with ${finished.code}: ${finished.stderr.toString("utf8").slice(0, 500)}`);
}
