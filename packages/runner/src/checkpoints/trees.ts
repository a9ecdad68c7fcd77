/** Reading snapshots: what differs between two, what is in one, and the content of files. */
import { PaddockError } from "@paddock/contract";
import type { Cages, Finished } from "../sandbox/cage.ts";
import { type SnapshotRepository, snapshotCage } from "./snapshot-repository.ts";
import { nestedMark } from "./take-snapshot.ts";

export interface TreeEntry {
  /** Object id of the content. */
  oid: string;
  type: "file" | "symlink";
  executable: boolean;
}

export interface TreeChange {
  /** Relative to the workspace. */
  path: string;
  /** What the first tree has there; null for nothing. */
  before: TreeEntry | null;
  after: TreeEntry | null;
}

const timeoutMs = 120_000;
const mostBytes = 64 * 1024 * 1024;
const pathsAtOnce = 500;

export class Trees {
  readonly #cages: Cages;
  readonly #repository: SnapshotRepository;

  constructor(cages: Cages, repository: SnapshotRepository) {
    this.#cages = cages;
    this.#repository = repository;
  }

  /** Throws checkpoint_not_found when one of the two is missing or damaged. */
  async changes(from: string, to: string): Promise<TreeChange[]> {
    if (from === to) return [];
    const { stdout } = await this.#git(["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", from, to]);
    const fields = stdout.toString("utf8").split("\0");
    const changes: TreeChange[] = [];
    for (let at = 0; at + 1 < fields.length; at += 2) {
      const [oldMode = "", newMode = "", oldOid = "", newOid = ""] = (fields[at] ?? "").slice(1).split(" ");
      const path = fields[at + 1] ?? "";
      if (path === nestedMark || path.endsWith(`/${nestedMark}`)) continue;
      changes.push({ path, before: entryOf(oldMode, oldOid), after: entryOf(newMode, newOid) });
    }
    return changes;
  }

  /** Those of the paths that the tree has a file or link at. */
  async contained(tree: string, paths: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>();
    for (let at = 0; at < paths.length; at += pathsAtOnce) {
      const some = paths.slice(at, at + pathsAtOnce);
      const { stdout } = await this.#git(["ls-tree", "-z", tree, "--", ...some]);
      for (const record of stdout.toString("utf8").split("\0")) {
        const [, type, path] = /^\d+ (\w+) \w+\t(.*)$/s.exec(record) ?? [];
        if (type === "blob" && path !== undefined) found.add(path);
      }
    }
    return found;
  }

  /**
   * Those of the paths that the ignore files of the tree exclude: a path that is new beside such a tree may have been there
   * all the time.
   */
  async ignored(tree: string, paths: readonly string[]): Promise<Set<string>> {
    const { stdout } = await this.#run(
      ["sh", "-c", askingIgnoreFiles, "git", tree],
      paths.map((path) => `${path}\0`).join(""),
      [0, 1],
    );
    return new Set(stdout.toString("utf8").split("\0").slice(0, -1));
  }

  /** Contents in the order of the ids; null for one that is missing. One is held at a time. */
  async *contents(oids: readonly string[]): AsyncGenerator<Buffer | null> {
    if (oids.length === 0) return;
    const caged = await this.#cages.start({
      ...snapshotCage(this.#cages, this.#repository, false),
      argv: ["git", "cat-file", "--batch"],
    });
    const timer = setTimeout(() => caged.kill(0).catch((stuck) => caged.stdout.destroy(stuck)), timeoutMs);
    caged.stdin.on("error", () => undefined);
    caged.stderr.resume();
    caged.stdin.end(oids.map((oid) => `${oid}\n`).join(""));
    try {
      const input = new ByteReader(caged.stdout);
      for (const _ of oids) {
        const head = (await input.line()).split(" ");
        const size = head[1] === "blob" ? Number(head[2]) : null;
        yield size === null ? null : await input.take(size);
        if (size !== null) await input.take(1);
      }
    } finally {
      clearTimeout(timer);
      await caged.kill(0);
    }
  }

  #git(args: readonly string[]): Promise<Finished> {
    return this.#run(["git", ...args], "", [0]);
  }

  async #run(argv: readonly string[], input: string, accept: readonly number[]): Promise<Finished> {
    const finished = await this.#cages.run(
      { ...snapshotCage(this.#cages, this.#repository, false), argv },
      { input, maxBytes: mostBytes, timeoutMs },
    );
    if (finished.truncated)
      throw new PaddockError("too_large", "Too much changed to be listed.", "Restore a newer checkpoint first.");
    if (finished.code !== null && accept.includes(finished.code)) return finished;
    throw new PaddockError(
      "checkpoint_not_found",
      `A snapshot cannot be read: ${finished.stderr.toString("utf8").slice(0, 300)}`,
    );
  }
}

const askingIgnoreFiles = `
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
export GIT_INDEX_FILE="$tree/index"
git read-tree "$1" || exit 2
mkdir "$tree/files" || exit 2
GIT_LITERAL_PATHSPECS=0 git ls-files -z -- ':(glob)**/.gitignore' | git checkout-index -z --stdin --prefix="$tree/files/" || exit 2
cd "$tree/files" && GIT_LITERAL_PATHSPECS=0 GIT_WORK_TREE="$tree/files" git check-ignore -z --no-index --stdin
`;

function entryOf(mode: string, oid: string): TreeEntry | null {
  if (mode === "120000") return { oid, type: "symlink", executable: false };
  if (mode === "100644" || mode === "100755") return { oid, type: "file", executable: mode === "100755" };
  return null;
}

/** Takes lines and counted bytes off a stream. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #pending: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#pending.indexOf(0x0a);
      if (end >= 0) {
        const line = this.#pending.subarray(0, end).toString("utf8");
        this.#pending = this.#pending.subarray(end + 1);
        return line;
      }
      await this.#more();
    }
  }

  async take(size: number): Promise<Buffer> {
    const parts = [this.#pending];
    let have = this.#pending.length;
    while (have < size) {
      this.#pending = Buffer.alloc(0);
      await this.#more();
      parts.push(this.#pending);
      have += this.#pending.length;
    }
    const whole = Buffer.concat(parts);
    this.#pending = whole.subarray(size);
    return whole.subarray(0, size);
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#chunks.next();
    if (done) throw new PaddockError("checkpoint_not_found", "The store of snapshots ended too early.");
    this.#pending = this.#pending.length === 0 ? value : Buffer.concat([this.#pending, value]);
  }
}
