/**
 * What the runner knows of every run, on disk before anything happens: SQLite in WAL mode, so that a SIGKILL loses nothing
 * that was acknowledged. A run is written once when it begins and once when it ends; terminal states never change.
 * Runs that only read share a commit: what is lost of them when the runner is killed has done nothing.
 */

import { PaddockError, type Principal, type RunId, type RunState } from "@paddock/contract";
import Database from "better-sqlite3";
import { Commits } from "./commits.ts";
import { openRoom } from "./room-store.ts";

/** Where a call came from: the hub, which keeps results itself, or a client attached to the runner's own socket. */
export type Via = "hub" | "attached";

export interface Begun {
  run: RunId;
  tool: string;
  principal: Principal;
  workspace: string;
  /** Kept only while the run has not started, so that it can still be run after a restart. */
  input: unknown;
  deadline: number;
  via: Via;
  state: RunState;
  /** It was sent to be admitted only, and has had no word to run yet. */
  hold?: boolean | undefined;
}

export interface Ended {
  state: RunState;
  ok: boolean;
  /** Null once its bytes are no longer kept. */
  envelope: Buffer | null;
  content: Buffer | null;
}

export interface LedgerEntry extends Omit<Begun, "input"> {
  input: unknown;
  /** Null while the run is open, and once its bytes are no longer kept. */
  result: Ended | null;
  acknowledged: boolean;
}

/** `soon`: committed within 10 ms, together with others. */
export type When = "now" | "soon";

export interface Ledger {
  /** False when the run is known already: then nothing was written. */
  begin(run: Begun, at: number, when: When): boolean;
  /** A held run has had the word to run. */
  release(run: RunId): void;
  /** Marks a waiting run as started, and forgets its input. */
  start(run: RunId): void;
  end(run: RunId, result: Ended, at: number, when: When): void;
  /** The hub has these results and keeps them itself: their bytes are dropped here. */
  acknowledge(runs: readonly RunId[]): void;
  find(run: RunId): LedgerEntry | null;
  /** Runs that had not ended when the last runner did. */
  open(): LedgerEntry[];
  /** Ended runs of the hub behind `after` whose result it has not acknowledged, oldest first, at most so many. */
  unacknowledged(after: RunId | "", most: number): LedgerEntry[];
  prune(before: number): number;
  counts(): Record<string, number>;
  close(): void;
}

const schema = `
  create table if not exists runs (
    id text primary key,
    tool text not null,
    principal text not null,
    workspace text not null,
    input text,
    deadline integer not null,
    via text not null,
    state text not null,
    ok integer,
    envelope blob,
    content blob,
    begun_at integer not null,
    ended_at integer,
    acknowledged integer not null default 0
  ) strict;
  create table if not exists held (run text primary key) strict;
  create index if not exists runs_pending on runs (via, id) where acknowledged = 0;
  create index if not exists runs_over on runs (ended_at) where ended_at is not null;
`;

const selectRuns = "select *, id in (select run from held) as held from runs";

interface Row {
  id: RunId;
  tool: string;
  principal: string;
  workspace: string;
  input: string | null;
  deadline: number;
  via: Via;
  state: RunState;
  ok: number | null;
  envelope: Buffer | null;
  content: Buffer | null;
  acknowledged: number;
  held: number;
}

/** Throws already_running when another runner has the file, and does not give it up in time. */
export function openLedger(path: string, { patienceMs = 5_000, maxResultBytes = Infinity } = {}): Ledger {
  const db = openDatabase(path, patienceMs);
  const room = openRoom(db, maxResultBytes);
  const insert = db.prepare(
    "insert into runs (id, tool, principal, workspace, input, deadline, via, state, begun_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
  );
  const hold = db.prepare("insert into held (run) values (?)");
  const release = db.prepare("delete from held where run = ?");
  const forgetHeld = db.prepare("delete from held where run not in (select id from runs where ended_at is null)");
  const start = db.prepare("update runs set state = 'running', input = null where id = ? and ended_at is null");
  const end = db.prepare(
    "update runs set state = ?, ok = ?, envelope = ?, content = ?, ended_at = ?, input = null where id = ? and ended_at is null",
  );
  const acknowledge = db.prepare(
    "update runs set acknowledged = 1, envelope = null, content = null where id = ? and via = 'hub' and ended_at is not null",
  );
  const find = db.prepare<[string], Row>(`${selectRuns} where id = ?`);
  const open = db.prepare<[], Row>(`${selectRuns} where acknowledged = 0 and ended_at is null order by id`);
  const unacknowledged = db.prepare<[string, number], Row>(
    `${selectRuns} where acknowledged = 0 and via = 'hub' and ended_at is not null and id > ? order by id limit ?`,
  );
  const prune = db.prepare("delete from runs where ended_at < ?");
  const counts = db.prepare<[], { state: string; n: number }>("select state, count(*) as n from runs group by state");

  const commits = new Commits(db);

  return {
    begin({ run, tool, principal, workspace, input, deadline, via, state, hold: isHeld }, at, when) {
      const kept = state === "running" ? null : JSON.stringify(input ?? null);
      const values = [run, tool, JSON.stringify(principal), workspace, kept, deadline, via, state, at];
      return commits[when](() => {
        const isNew = insert.run(values).changes === 1;
        if (isNew && isHeld) hold.run(run);
        return isNew;
      });
    },
    release: (run) => void commits.now(() => release.run(run)),
    start: (run) => void commits.now(() => start.run(run)),
    end(run, { state, ok, envelope, content }, at, when) {
      commits[when](() => {
        end.run(state, ok ? 1 : 0, envelope, content, at, run);
        room.take((envelope?.length ?? 0) + (content?.length ?? 0));
      });
    },
    acknowledge: (runs) =>
      commits.soon(() => {
        for (const run of runs) acknowledge.run(run);
      }),
    find: (run) => entryOf(find.get(run)),
    open: () => open.all().flatMap((row) => entryOf(row) ?? []),
    unacknowledged: (after, most) => unacknowledged.all(after, most).flatMap((row) => entryOf(row) ?? []),
    prune: (before) =>
      commits.now(() => {
        forgetHeld.run();
        return prune.run(before).changes;
      }),
    counts: () => Object.fromEntries(counts.all().map(({ state, n }) => [state, n])),
    close() {
      commits.flush();
      db.close();
    },
  };
}

/** The lock ends with the process, however that ends, and spares each write the memory that several processes would share. */
function openDatabase(path: string, patienceMs: number): Database.Database {
  const db = new Database(path, { timeout: patienceMs });
  try {
    db.pragma("locking_mode = EXCLUSIVE");
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = NORMAL");
    db.pragma("journal_size_limit = 16777216");
    db.exec(schema);
    return db;
  } catch (error) {
    db.close();
    if (!(error instanceof Database.SqliteError) || error.code !== "SQLITE_BUSY") throw error;
    throw new PaddockError("already_running", "Another runner uses this state folder.");
  }
}

function entryOf(row: Row | undefined): LedgerEntry | null {
  if (row === undefined) return null;
  const { envelope, content } = row;
  return {
    run: row.id,
    tool: row.tool,
    principal: JSON.parse(row.principal) as Principal,
    workspace: row.workspace,
    input: row.input === null ? null : JSON.parse(row.input),
    deadline: row.deadline,
    via: row.via,
    state: row.state,
    result: envelope === null ? null : { state: row.state, ok: row.ok === 1, envelope, content },
    acknowledged: row.acknowledged === 1,
    hold: row.held === 1,
  };
}
