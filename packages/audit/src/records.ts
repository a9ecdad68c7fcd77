/** Reading an audit log back: its last records, or all of them. */
import { closeSync, fstatSync, openSync } from "node:fs";
import type { AuditRecord } from "@paddock/contract";
import { auditFile, filesOf, maxLineBytes, readTail } from "./files.ts";
import { linesOf } from "./lines.ts";

/** The last `count` records, oldest first. */
export function lastRecords(folder: string, count: number): AuditRecord[] {
  const found: AuditRecord[] = [];
  for (const file of filesOf(auditFile(folder)).toReversed()) {
    const wanted = count - found.length;
    if (wanted > 0) found.unshift(...recordsAtEnd(file, wanted));
  }
  return found;
}

/** Reads twice as much of the end as long as that may hold more. */
function recordsAtEnd(file: string, count: number): AuditRecord[] {
  const descriptor = openSync(file, "r");
  try {
    const { size } = fstatSync(descriptor);
    for (let bytes = maxLineBytes; ; bytes *= 2) {
      const whole = bytes >= size;
      const lines = readTail(descriptor, size, bytes)
        .toString("utf8")
        .split("\n")
        .slice(whole ? 0 : 1, -1);
      if (whole || lines.length >= count) return lines.slice(-count).flatMap(recordIn);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Every record, oldest first. */
export function* recordsOf(folder: string): Generator<AuditRecord, void, undefined> {
  for (const file of filesOf(auditFile(folder))) {
    for (const line of linesOf(file)) yield* recordIn(line.toString("utf8"));
  }
}

/** None for a line that is no record: `verify` says so, and the others are to be seen all the same. */
function recordIn(line: string): AuditRecord[] {
  try {
    const record: unknown = JSON.parse(line);
    return typeof record === "object" && record !== null && "seq" in record ? [record as AuditRecord] : [];
  } catch {
    return [];
  }
}
