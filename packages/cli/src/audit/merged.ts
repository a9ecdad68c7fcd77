/** The records of several logs in the order of time, as far as each log's own order, which counts, allows it. */
import { recordsOf } from "@paddock/audit";
import type { AuditRecord } from "@paddock/contract";
import type { LogName } from "./logs.ts";

export type LoggedRecord = { log: LogName } & AuditRecord;

export interface Source {
  log: LogName;
  folder: string;
}

interface Reader {
  log: LogName;
  records: Iterator<AuditRecord>;
  next: AuditRecord | null;
  /** The latest time so far: a clock that went back does not hold its records up. */
  reached: string;
}

export function* mergedRecords(sources: readonly Source[]): Generator<LoggedRecord, void, undefined> {
  const readers = sources.map(
    ({ log, folder }): Reader => ({ log, records: recordsOf(folder), next: null, reached: "" }),
  );
  for (const reader of readers) advance(reader);
  for (;;) {
    const [first] = readers.filter(({ next }) => next !== null).toSorted((a, b) => (a.reached <= b.reached ? -1 : 1));
    if (!first?.next) return;
    yield { log: first.log, ...first.next };
    advance(first);
  }
}

function advance(reader: Reader): void {
  const { done, value } = reader.records.next();
  reader.next = done ? null : value;
  if (reader.next && reader.next.at > reader.reached) reader.reached = reader.next.at;
}
