/** Where a log that exists ends, and where it begins. */
import { closeSync, openSync } from "node:fs";
import type { ChainHead } from "@paddock/contract";
import { emptyChain, factsOf, sha256 } from "./chain.ts";
import { filesOf, lastLineIn, readBeginning, readTail } from "./files.ts";
import { linesOf } from "./lines.ts";
import { notARecord } from "./log-file.ts";

/** The head that the newest line gives, and when that was written. Throws audit_unavailable when the line is no record. */
export function startOf(path: string): { end: ChainHead; at: number } {
  for (const file of filesOf(path).toReversed()) {
    const line = lastLineOf(file);
    if (line === null) continue;
    const facts = factsOf(line);
    if (!facts) throw notARecord(file);
    return { end: { seq: facts.seq, hash: sha256(line) }, at: Date.parse(facts.at) || 0 };
  }
  return { end: emptyChain, at: 0 };
}

function lastLineOf(file: string): Buffer | null {
  const descriptor = openSync(file, "r");
  try {
    return lastLineIn(readTail(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

/** The number of a file's first record; null when it has none. */
function firstSeqOf(file: string): number | null {
  const [, seq] = /^\{"seq":(\d{1,15}),/.exec(readBeginning(file)) ?? [];
  return seq === undefined ? null : Number(seq);
}

/** The number of the first record that is left when `surplus` is gone; `next` when none is. */
export function beginsAfter(path: string, surplus: readonly string[], next: number): number {
  for (const file of filesOf(path)) {
    const first = surplus.includes(file) ? null : firstSeqOf(file);
    if (first !== null) return first;
  }
  return next;
}

/** The hash of the record with that number; null when there is none. Reads the one file that has it. */
export function hashAt(path: string, seq: number): string | null {
  const file = filesOf(path).findLast((candidate) => (firstSeqOf(candidate) ?? Number.POSITIVE_INFINITY) <= seq);
  if (file === undefined) return null;
  for (const line of linesOf(file)) if (factsOf(line)?.seq === seq) return sha256(line);
  return null;
}
