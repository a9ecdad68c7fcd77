/** Batches in the database: which runs they are made of, and which of these have had the word to run. */
import { type RunId, runId } from "@paddock/contract";
import * as z from "zod";
import type { Database } from "../database/database.ts";

export interface BatchCall {
  run: RunId;
  /** False for a run that was there before, found by its idempotency key. */
  held: boolean;
  released: boolean;
}

export interface BatchRecord {
  run: RunId;
  /** Calls that run at the same time. */
  atOnce: number;
  failFast: boolean;
  cancelled: boolean;
  /** In their order. */
  calls: readonly BatchCall[];
}

export interface BatchStore {
  /** Commits what was written before it too. */
  insert(batch: BatchRecord): void;
  /** A call gets the word to run. */
  released(batch: RunId, place: number): void;
  cancelled(batch: RunId): void;
  find(run: RunId): BatchRecord | null;
}

const batchRow = z.object({ at_once: z.number(), fail_fast: z.number(), cancelled: z.number() });
const callRow = z.object({ run: runId, held: z.number(), released: z.number() });

export function openBatchStore(database: Database): BatchStore {
  const insert = database.prepare("INSERT INTO batches (run, at_once, fail_fast) VALUES (?, ?, ?)");
  const insertCall = database.prepare(
    "INSERT INTO batch_calls (batch, place, run, held, released) VALUES (?, ?, ?, ?, ?)",
  );
  const released = database.prepare("UPDATE batch_calls SET released = 1 WHERE batch = ? AND place = ?");
  const cancelled = database.prepare("UPDATE batches SET cancelled = 1 WHERE run = ?");
  const find = database.prepare("SELECT * FROM batches WHERE run = ?");
  const calls = database.prepare("SELECT * FROM batch_calls WHERE batch = ? ORDER BY place");
  return {
    insert: (batch) =>
      database.now(() => {
        insert.run(batch.run, batch.atOnce, Number(batch.failFast));
        for (const [place, call] of batch.calls.entries()) {
          insertCall.run(batch.run, place, call.run, Number(call.held), Number(call.released));
        }
      }),
    released: (batch, place) => void database.now(() => released.run(batch, place)),
    cancelled: (batch) => void database.now(() => cancelled.run(batch)),
    find(run) {
      const found = batchRow.nullable().parse(find.get(run) ?? null);
      if (!found) return null;
      const { at_once: atOnce, fail_fast, cancelled: ended } = found;
      const rows = calls.all(run).map((row) => callRow.parse(row));
      return {
        run,
        atOnce,
        failFast: fail_fast === 1,
        cancelled: ended === 1,
        calls: rows.map((row) => ({ run: row.run, held: row.held === 1, released: row.released === 1 })),
      };
    },
  };
}
