/** The answers of ended runs, as many bytes of them as the owner gives room; the oldest go first. */
import type { RunId } from "@paddock/contract";
import type { Database } from "../database/database.ts";

export interface KeptResults {
  /** To be called in a transaction. */
  keep(run: RunId, envelope: Buffer, content: Buffer | null): void;
}

const atOnce = 100;
/** Room is made for some more at once, so that not every answer has to make it. */
const filled = 0.9;

export function openKeptResults(database: Database, maxBytes: number): KeptResults {
  const insert = database.prepare("INSERT INTO run_results (run, envelope, content) VALUES (?, ?, ?)");
  const bytes = "length(envelope) + coalesce(length(content), 0)";
  const sum = database.prepare(`SELECT coalesce(sum(${bytes}), 0) AS bytes FROM run_results`);
  const oldest = database.prepare(`SELECT run, ${bytes} AS bytes FROM run_results ORDER BY run LIMIT ${atOnce}`);
  const remove = database.prepare("DELETE FROM run_results WHERE run = ?");
  const measured = () => (sum.get() as { bytes: number }).bytes;
  /** At most too high: runs that are forgotten take their answers with them. Null until something is kept. */
  let kept: number | null = null;

  const dropOldest = (wanted: number): number => {
    let freed = 0;
    for (const one of oldest.all() as { run: RunId; bytes: number }[]) {
      if (freed >= wanted) break;
      remove.run(one.run);
      freed += one.bytes;
    }
    return freed;
  };

  const makeRoom = (bytes: number): number => {
    let left = bytes;
    for (let freed = 1; bytes > maxBytes && left > maxBytes * filled && freed > 0; left -= freed)
      freed = dropOldest(left - maxBytes * filled);
    return left;
  };

  return {
    keep(run, envelope, content) {
      insert.run(run, envelope, content);
      kept = kept === null ? measured() : kept + envelope.length + (content?.length ?? 0);
      if (kept > maxBytes) kept = makeRoom(measured());
    },
  };
}
