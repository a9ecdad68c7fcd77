/** Runs in the database. Statements are prepared once: a call writes twice, and both writes are on its way. */
import { type MachineId, machineId, type RunId, type RunState, runStates } from "@paddock/contract";
import * as z from "zod";
import type { Database } from "../database/database.ts";
import { openKeptResults } from "./kept-results-store.ts";

const runRow = z.object({
  id: z.string().transform((id) => id as RunId),
  machine: machineId,
  principal: z.string(),
  surface: z.string(),
  tool: z.string(),
  workspace: z.string().nullable(),
  input_hash: z.string(),
  idempotency_key: z.string().nullable(),
  state: z.enum(runStates),
  /** Whether a runner is known to have taken it over. */
  taken: z.number().transform(Boolean),
  ok: z.number().nullable(),
  envelope_bytes: z.number().nullable(),
  content_bytes: z.number().nullable(),
  deadline: z.number(),
  created_at: z.number(),
  finished_at: z.number().nullable(),
});
export type RunRow = z.output<typeof runRow>;

export interface NewRun {
  id: RunId;
  machine: MachineId;
  principal: string;
  surface: string;
  tool: string;
  workspace: string | null;
  inputHash: string;
  idempotencyKey: string | null;
  deadline: number;
  createdAt: number;
}

export interface StoredResult {
  envelope: Buffer;
  content: Buffer | null;
}

export interface Finish extends StoredResult {
  state: RunState;
  ok: boolean;
  at: number;
}

export interface RunPage {
  /** Only older ones than this. */
  before?: RunId | undefined;
  /** Only those that have not ended. */
  open: boolean;
  limit: number;
}

type When = "now" | "soon";

export interface RunStore {
  /** `soon` for a run that changes nothing: losing it to a kill loses nothing that somebody could ask for. */
  insert(run: NewRun, when: When): void;
  /** Notes that a runner took it over. */
  taken(run: RunId): void;
  state(run: RunId, state: RunState): void;
  /** Writes the end of a run, with its bytes when they are to be kept. Does nothing to a run that has ended. */
  finish(run: RunId, finish: Finish, keep: boolean, when: When): void;
  find(run: RunId): RunRow | null;
  findByKey(principal: string, key: string): RunRow | null;
  result(run: RunId): StoredResult | null;
  open(): RunRow[];
  /** The newest first. */
  list(limit: number): RunRow[];
  /** Those of one principal, the newest first. */
  listOf(principal: string, page: RunPage): RunRow[];
  conflict(run: RunId, finish: Finish): void;
  /** Forgets runs that ended before `before`, at most `limit`; returns how many. */
  prune(before: number, limit: number): number;
}

/** Answers are kept up to so many bytes altogether. */
export function openRunStore(database: Database, maxResultBytes: number): RunStore {
  const prepared = prepare(database);
  const kept = openKeptResults(database, maxResultBytes);
  const row = (found: unknown): RunRow | null => (found === undefined ? null : runRow.parse(found));
  const end = (run: RunId, { state, ok, envelope, content, at }: Finish): boolean =>
    prepared.finish.run(state, Number(ok), envelope.length, content?.length ?? 0, at, run).changes === 1;
  const endAndKeep = (run: RunId, finish: Finish): void => {
    if (end(run, finish)) kept.keep(run, finish.envelope, finish.content);
  };

  return {
    insert(run, when) {
      const { id, machine, principal, surface, tool, workspace, inputHash, idempotencyKey, deadline, createdAt } = run;
      const values = [id, principal, surface, tool, workspace, inputHash, idempotencyKey, deadline, createdAt, machine];
      database[when](() => prepared.insert.run(values));
    },
    taken: (run) => void database.now(() => prepared.taken.run(run)),
    state: (run, state) => void database.now(() => prepared.state.run(state, run)),
    finish(run, finish, keep, when) {
      if (keep) database.now(() => endAndKeep(run, finish));
      else database[when](() => end(run, finish));
    },
    find: (run) => row(prepared.find.get(run)),
    findByKey: (principal, key) => row(prepared.findByKey.get(principal, key)),
    result: (run) => storedResult.parse(prepared.result.get(run) ?? null),
    open: () => prepared.open.all().map((found) => runRow.parse(found)),
    list: (limit) => prepared.list.all(limit).map((found) => runRow.parse(found)),
    listOf: (principal, { before = afterAll, open, limit }) =>
      (open ? prepared.openOf : prepared.listOf).all(principal, before, limit).map((found) => runRow.parse(found)),
    conflict: (run, { state, ok, envelope, at }) =>
      void database.now(() => prepared.conflict.run(run, at, state, Number(ok), envelope)),
    prune: (before, limit) => database.now(() => prepared.prune.run(before, limit).changes),
  };
}

/** Greater than any id. */
const afterAll = "run_~";

const storedResult = z.object({ envelope: z.instanceof(Buffer), content: z.instanceof(Buffer).nullable() }).nullable();

const prepare = (database: Database) => ({
  insert: database.prepare(
    `INSERT INTO runs (id, principal, surface, tool, workspace, input_hash, idempotency_key, state, deadline, created_at, machine)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'accepted', ?, ?, ?)`,
  ),
  taken: database.prepare("UPDATE runs SET taken = 1 WHERE id = ?"),
  state: database.prepare("UPDATE runs SET state = ?, taken = 1 WHERE id = ? AND finished_at IS NULL"),
  finish: database.prepare(
    `UPDATE runs SET state = ?, ok = ?, envelope_bytes = ?, content_bytes = ?, finished_at = ?
     WHERE id = ? AND finished_at IS NULL`,
  ),
  find: database.prepare("SELECT * FROM runs WHERE id = ?"),
  findByKey: database.prepare("SELECT * FROM runs WHERE principal = ? AND idempotency_key = ?"),
  result: database.prepare("SELECT envelope, content FROM run_results WHERE run = ?"),
  open: database.prepare("SELECT * FROM runs WHERE finished_at IS NULL ORDER BY created_at"),
  list: database.prepare("SELECT * FROM runs ORDER BY id DESC LIMIT ?"),
  listOf: database.prepare("SELECT * FROM runs WHERE principal = ? AND id < ? ORDER BY id DESC LIMIT ?"),
  openOf: database.prepare(
    "SELECT * FROM runs WHERE principal = ? AND id < ? AND finished_at IS NULL ORDER BY id DESC LIMIT ?",
  ),
  conflict: database.prepare("INSERT INTO run_conflicts (run, at, state, ok, envelope) VALUES (?, ?, ?, ?, ?)"),
  // What a batch that goes on is made of is told with it.
  prune: database.prepare(
    `DELETE FROM runs WHERE id IN (
       SELECT id FROM runs WHERE finished_at < ? AND id NOT IN (
         SELECT run FROM batch_calls WHERE batch IN (SELECT id FROM runs WHERE finished_at IS NULL)
       ) LIMIT ?
     )`,
  ),
});
