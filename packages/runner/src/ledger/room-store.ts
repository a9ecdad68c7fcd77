/**
 * Room for results that nobody else keeps: those of attached clients, the oldest of which go first. The hub's own are dropped
 * as soon as the hub has them, and never before.
 */
import type Database from "better-sqlite3";

const atOnce = 100;
/** Room is made for some more at once. */
const filled = 0.9;

export function openRoom(db: Database.Database, maxBytes: number): { take(bytes: number): void } {
  const bytes = "length(envelope) + coalesce(length(content), 0)";
  const kept = "from runs where via = 'attached' and envelope is not null";
  const sum = db.prepare<[], { bytes: number }>(`select coalesce(sum(${bytes}), 0) as bytes ${kept}`);
  const oldest = db.prepare<[], { id: string; bytes: number }>(
    `select id, ${bytes} as bytes ${kept} order by ended_at limit ${atOnce}`,
  );
  const drop = db.prepare("update runs set envelope = null, content = null where id = ?");
  const measured = () => sum.get()?.bytes ?? 0;
  /** At most too high; null until something was taken. */
  let taken: number | null = null;

  const dropOldest = (wanted: number): number => {
    let freed = 0;
    for (const one of oldest.all()) {
      if (freed >= wanted) break;
      drop.run(one.id);
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
    take(more) {
      taken = taken === null ? measured() : taken + more;
      if (taken > maxBytes) taken = makeRoom(measured());
    },
  };
}
