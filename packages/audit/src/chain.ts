/**
 * The hash chain of an audit log: each line carries the hash of the line before it, so that a changed, removed or inserted
 * line shows. What is hashed are the bytes of the line as they stand in the file.
 */
import { hash } from "node:crypto";
import type { AuditEntry, ChainHead } from "@paddock/contract";

export const emptyChain: ChainHead = { seq: 0, hash: "0".repeat(64) };

/** 64 hex digits. */
export const sha256 = (bytes: string | Buffer): string => hash("sha256", bytes);

/** The line for the next record, without its newline, and the head that the log has after it. `at` is RFC 3339 in UTC. */
export function chainLine(head: ChainHead, entry: AuditEntry, at: string) {
  const seq = head.seq + 1;
  const { event, ...rest } = entry;
  const line = JSON.stringify({ seq, at, event, ...rest, previous: head.hash });
  return { line, head: { seq, hash: sha256(line) } satisfies ChainHead };
}

/** What a chain needs to know of a line; the rest of it stands behind its hash. */
export interface LineFacts {
  seq: number;
  at: string;
  event: string;
  previous: string;
}

const beginning = /^\{"seq":(\d{1,15}),"at":"([\dTZ:.-]{24})","event":"([a-z.]{1,40})"/;
const ending = /"previous":"([0-9a-f]{64})"\}$/;
const beginningBytes = 120;
const endingBytes = 79;

/** Null for a line that no audit log has written. */
export function factsOf(line: Buffer): LineFacts | null {
  const [, seq, at, event] = beginning.exec(line.toString("latin1", 0, beginningBytes)) ?? [];
  const previous = ending.exec(line.toString("latin1", Math.max(0, line.length - endingBytes)))?.[1];
  if (seq === undefined || at === undefined || event === undefined || previous === undefined) return null;
  return { seq: Number(seq), at, event, previous };
}
