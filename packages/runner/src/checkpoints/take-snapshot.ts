/**
 * Takes one snapshot: git lists what changed since the last one, what must not be stored is taken off the list here, and git
 * stores the rest. Both happen in the same cage. Repositories within the workspace are stored as the plain files they are.
 */
import type { Caged, Cages } from "../sandbox/cage.ts";
import { looksSecret } from "./secret-names.ts";
import { removeStaleLocks, type SnapshotRepository, snapshotCage } from "./snapshot-repository.ts";

export interface Snapshot {
  tree: string;
  /** Paths that are too large, unreadable or of an odd kind; secrets are not counted. */
  leftOut: readonly string[];
}

export interface TakeOptions {
  maxFileBytes: number;
  timeoutMs: number;
  /** Ends what is being done. */
  signal: AbortSignal;
}

/** Named to find as well, which must call it unfit: proof that it understood what it was asked. */
const unfitExample = "/dev/null";

// Constant texts; paths come in over stdin or as arguments. A record that begins with "=" ends a list: git's never do.
const storing = `
changed=$(mktemp) || exit
trap 'rm -f "$changed"' EXIT
git status --porcelain=v2 -z --untracked-files=all --no-renames --ignore-submodules=all >"$changed" || exit
cat "$changed"
printf '=\\0'
present=$(git rev-parse --quiet --verify 'HEAD^{tree}')
if [ -n "$present" ] && [ ! -s "$changed" ]; then
  printf '=\\0%s' "$present"
  exit
fi
sed -z -n -E 's/^(\\? |1 ([^ ]+ ){7})(.*)$/.\\/\\3/p' "$changed" |
  xargs -0 -r sh -c '
    most=$1; shift
    exec find ${unfitExample} "$@" -maxdepth 0 ! -type d "(" ! -type f ! -type l -o -type f "(" -size "+\${most}c" -o ! -readable ")" ")" -print0
  ' find "$1" 2>/dev/null
printf '=\\0'
git update-index -z --add --remove --replace --stdin || exit
tree=$(git write-tree) || exit
if [ "$tree" != "$present" ]; then
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

const mostListedBytes = 64 * 1024 * 1024;
const mostNested = 500;
const mostRounds = 12;

/** Throws when git fails, the time is over or there is far too much to list. */
export async function takeSnapshot(
  cages: Cages,
  repository: SnapshotRepository,
  options: TakeOptions,
): Promise<Snapshot> {
  removeStaleLocks(repository);
  for (let round = 0; round < mostRounds; round += 1) {
    const { tree, changes } = await store(cages, repository, options);
    const { nested, stale } = changes;
    if (nested.length === 0 && stale.length === 0) return { tree, leftOut: changes.leftOut };
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
  { maxFileBytes, timeoutMs, signal }: TakeOptions,
): Promise<{ tree: string; changes: Changes }> {
  const argv = ["sh", "-c", storing, "git", String(maxFileBytes)];
  const caged = await cages.start({ ...snapshotCage(cages, repository, true), argv });
  const end = () => void caged.kill(0);
  const timer = setTimeout(end, timeoutMs);
  signal.addEventListener("abort", end, { once: true });
  const words = collectWords(caged);
  try {
    const output = new Records(caged);
    const records = await output.upToMark();
    const unfit = new Set(await output.upToMark());
    if (records.length > 0 && !unfit.has(unfitExample))
      throw new Error("find does not know -readable, -size or -print0");
    const changes = sortChanges(records, unfit);
    caged.stdin.end(changes.paths.map((path) => `${path}\0`).join(""));
    const tree = await output.rest();
    const { code } = await caged.exited;
    if (code !== 0 || !/^[0-9a-f]{40}$/.test(tree)) throw new Error(`git ended with ${code}: ${words().slice(0, 500)}`);
    return { tree, changes };
  } catch (error) {
    await caged.kill(0);
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
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

/** Reads NUL-terminated records as they come. */
class Records {
  readonly #chunks: AsyncIterator<Buffer>;
  #pending: Buffer = Buffer.alloc(0);
  #seen = 0;

  constructor({ stdout }: Caged) {
    this.#chunks = stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async upToMark(): Promise<string[]> {
    const parts: Buffer[] = [];
    for (;;) {
      const before = parts.at(-1) ?? Buffer.of(0);
      const end = markEnd(before, this.#pending);
      if (end !== null) {
        parts.push(this.#pending.subarray(0, end));
        this.#pending = this.#pending.subarray(end);
        return Buffer.concat(parts).toString("utf8").split("\0").slice(0, -2);
      }
      if (this.#pending.length > 0) parts.push(this.#pending);
      if (!(await this.#more())) throw new Error("git ended before its list was complete");
    }
  }

  async rest(): Promise<string> {
    const parts = [this.#pending];
    while (await this.#more()) parts.push(this.#pending);
    return Buffer.concat(parts).toString("utf8");
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    this.#pending = done ? Buffer.alloc(0) : value;
    this.#seen += this.#pending.length;
    if (this.#seen > mostListedBytes) throw new Error("there are too many files to list");
    return !done;
  }
}

/** Where the list's end mark ends in `bytes`: a "=" that is a record of its own. `before` is what was read before, not empty. */
function markEnd(before: Buffer, bytes: Buffer): number | null {
  const last = before.at(-1);
  if (last === 0x3d && bytes[0] === 0 && (before.length === 1 || before.at(-2) === 0)) return 1;
  for (let at = bytes.indexOf("=\0"); at >= 0; at = bytes.indexOf("=\0", at + 1)) {
    if ((at === 0 ? last : bytes[at - 1]) === 0) return at + 2;
  }
  return null;
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
