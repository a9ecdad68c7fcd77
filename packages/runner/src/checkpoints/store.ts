/**
 * The list of checkpoints and the content that file tools replaced: one SQLite file. Content is kept once under the hash of
 * its bytes. A write is one transaction, so a runner that is killed in the middle leaves what was there before.
 */
import { hash } from "node:crypto";
import { mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import type { CheckpointId } from "@paddock/contract";
import Database from "better-sqlite3";

export interface Checkpoint {
  seq: number;
  id: CheckpointId;
  workspace: string;
  principal: string;
  run: string;
  tool: string;
  title: string;
  createdMs: number;
  kind: "change" | "command" | "restore";
  /** Tree in the snapshot store of the workspace; null when there is none. */
  tree: string | null;
  checkpoint: "full" | "partial";
}

/** What was at a path. `unkept`: something that was not copied. */
export interface State {
  root: string;
  relative: string;
  type: "absent" | "file" | "symlink" | "directory" | "unkept";
  mode: number;
  /** Content of a file, target of a link. */
  content: Buffer | null;
}

export type StoredState = Omit<State, "content"> & { seq: number; hash: Buffer | null };
export type Listed = Checkpoint & { files: number };

export interface Store {
  add(checkpoint: Omit<Checkpoint, "seq">, states: readonly State[]): void;
  find(id: CheckpointId): Checkpoint | null;
  /** Every workspace that has checkpoints. */
  workspaces(): string[];
  /** Checkpoints of the workspaces, newest first. */
  list(workspaces: readonly string[], limit: number): Listed[];
  /** Snapshots of the workspace at or after a checkpoint, oldest first. */
  snapshotsFrom(seq: number, workspace: string): Checkpoint[];
  /** States kept at or after a checkpoint, oldest first. */
  statesFrom(seq: number): StoredState[];
  /** Null when it is missing or its bytes are not what they were. */
  content(hash: Buffer): Buffer | null;
  usage(workspace: string): { count: number; bytes: number };
  /**
   * Forgets the oldest checkpoints and returns them: those of one principal, as far as no other's is older, because what is
   * set back to an older one goes through all that follow. All of them for null.
   */
  clear(workspace: string, upTo: number, principal: string | null): Checkpoint[];
  /** The newest stays, however large it is. */
  prune(limits: { most: number; olderThanMs: number; mostBytes: number }): Checkpoint[];
  close(): void;
}

// No further index: a change is written far more often than the short list is searched, and each index is a page more.
const schema = `
create table if not exists checkpoints (
  seq integer primary key, id text not null, workspace text not null, principal text not null,
  run text not null, tool text not null, title text not null, createdMs integer not null, kind text not null,
  tree text, checkpoint text not null
) strict;
create table if not exists states (
  seq integer not null references checkpoints (seq) on delete cascade, root text not null, relative text not null,
  type text not null, mode integer not null, hash blob, primary key (seq, root, relative)
) strict, without rowid;
create table if not exists contents (hash blob primary key, bytes integer not null, content blob not null) strict, without rowid;
`;

/** Opens the store. One that is not readable is put aside, and `onLost` is told where. */
export function openStore(path: string, onLost: (aside: string) => void): Store {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    return storeOn(openDatabase(path));
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== "SQLITE_NOTADB" && code !== "SQLITE_CORRUPT") throw error;
    const aside = `${path}.unreadable-${Date.now()}`;
    renameSync(path, aside);
    onLost(aside);
    return storeOn(openDatabase(path));
  }
}

/** The runner alone has the file: a lock held to the end spares each write the taking and giving back of several. */
function openDatabase(path: string): Database.Database {
  const database = new Database(path, { timeout: 2000 });
  try {
    database.pragma("locking_mode = exclusive");
    database.pragma("journal_mode = wal");
    database.pragma("synchronous = normal");
    database.pragma("foreign_keys = on");
    database.exec(schema);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

const hashOf = (content: Buffer): Buffer => hash("sha256", content, "buffer");

function storeOn(database: Database.Database): Store {
  const addCheckpoint = database.prepare(
    "insert into checkpoints (id, workspace, principal, run, tool, title, createdMs, kind, tree, checkpoint) values (?,?,?,?,?,?,?,?,?,?)",
  );
  const addState = database.prepare(
    "insert or ignore into states (seq, root, relative, type, mode, hash) values (?,?,?,?,?,?)",
  );
  const addContent = database.prepare("insert or ignore into contents (hash, bytes, content) values (?,?,?)");
  const add = database.transaction((checkpoint: Omit<Checkpoint, "seq">, states: readonly State[]) => {
    const { id, workspace, principal, run, tool, title, createdMs, kind, tree } = checkpoint;
    const { lastInsertRowid } = addCheckpoint.run(
      ...[id, workspace, principal, run, tool, title, createdMs, kind, tree, checkpoint.checkpoint],
    );
    for (const { root, relative, type, mode, content } of states) {
      const key = content === null ? null : hashOf(content);
      if (content !== null) addContent.run(key, content.length, content);
      addState.run(lastInsertRowid, root, relative, type, mode, key);
    }
  });

  const find = database.prepare<[string], Checkpoint>("select * from checkpoints where id = ?");
  const list = database.prepare<[string, number], Listed>(
    "select c.*, (select count(*) from states s where s.seq = c.seq) as files from checkpoints c where workspace in (select value from json_each(?)) order by seq desc limit ?",
  );
  const workspaces = database.prepare<[], { workspace: string }>("select distinct workspace from checkpoints");
  const snapshots = database.prepare<[number, string], Checkpoint>(
    "select * from checkpoints where seq >= ? and workspace = ? and tree is not null order by seq",
  );
  const states = database.prepare<[number], StoredState>("select * from states where seq >= ? order by seq");
  const content = database.prepare<[Buffer], { content: Buffer }>("select content from contents where hash = ?");
  const count = database.prepare<[string], { count: number }>(
    "select count(*) as count from checkpoints where workspace = ?",
  );
  const bytes = database.prepare<[], { bytes: number }>("select coalesce(sum(bytes), 0) as bytes from contents");
  const totalBytes = () => bytes.get()?.bytes ?? 0;
  return {
    add: (checkpoint, kept) => add.immediate(checkpoint, kept),
    find: (id) => find.get(id) ?? null,
    workspaces: () => workspaces.all().map(({ workspace }) => workspace),
    list: (of, limit) => list.all(JSON.stringify(of), limit),
    snapshotsFrom: (seq, workspace) => snapshots.all(seq, workspace),
    statesFrom: (seq) => states.all(seq),
    content(key) {
      const found = content.get(key)?.content;
      return found && hashOf(found).equals(key) ? found : null;
    },
    usage: (workspace) => ({ count: count.get(workspace)?.count ?? 0, bytes: totalBytes() }),
    ...forgetting(database, totalBytes),
    close: () => void database.close(),
  };
}

/** Checkpoints go from the oldest on, and what only they kept goes with them. */
function forgetting(database: Database.Database, totalBytes: () => number): Pick<Store, "clear" | "prune"> {
  const forget = database.prepare<[{ workspace: string; upTo: number; principal: string | null }], Checkpoint>(
    `delete from checkpoints where workspace = $workspace and seq <= $upTo and ($principal is null or seq < coalesce(
       (select min(seq) from checkpoints where workspace = $workspace and principal <> $principal), seq + 1)) returning *`,
  );
  const oldest = database.prepare<[], Checkpoint>(
    `delete from checkpoints where seq in (select seq from checkpoints order by seq limit 8)
       and seq < (select max(seq) from checkpoints) returning *`,
  );
  const excess = database.prepare<[number, number], Checkpoint>(
    `delete from checkpoints where createdMs < ? or seq in (
       select seq from (select seq, row_number() over (partition by workspace order by seq desc) as rank from checkpoints)
       where rank > ?) returning *`,
  );
  const sweep = database.prepare(
    "delete from contents where hash not in (select hash from states where hash is not null)",
  );

  return {
    clear: database.transaction((workspace: string, upTo: number, principal: string | null) => {
      const forgotten = forget.all({ workspace, upTo, principal });
      if (forgotten.length > 0) sweep.run();
      return forgotten;
    }),
    prune: database.transaction(({ most, olderThanMs, mostBytes }) => {
      const forgotten = excess.all(olderThanMs, most);
      if (forgotten.length > 0) sweep.run();
      while (totalBytes() > mostBytes) {
        const more = oldest.all();
        if (more.length === 0) break;
        forgotten.push(...more);
        sweep.run();
      }
      return forgotten;
    }),
  };
}
