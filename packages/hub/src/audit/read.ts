/** Reading the audit log back: its last records, and whether the chain of all its files holds. */
import { createReadStream, existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { type ChainFault, type ChainHead, verifyChain } from "@paddock/contract";
import { auditFile, sha256 } from "./log.ts";

export interface ChainVerdict {
  ok: boolean;
  records: number;
  head: ChainHead | null;
  /** The first fault, with the file it is in. */
  fault: (ChainFault & { file: string }) | { file: string; line: number; reason: "cut_tail" } | null;
}

/** Reads every file from the oldest on. `end` is where the writer says the log ends: cut lines show by it. */
export async function verifyAuditLog(folder: string, keep: number, end?: ChainHead): Promise<ChainVerdict> {
  const verifier = verifyChain(sha256);
  let line = 0;
  for (const file of filesByAge(folder, keep)) {
    line = 0;
    for await (const text of linesOf(file)) {
      line += 1;
      const fault = verifier.next(text);
      if (fault) return { ok: false, records: verifier.records, head: verifier.head, fault: { ...fault, line, file } };
    }
  }
  const { records, head } = verifier;
  const isCut = end !== undefined && end.seq > 0 && head?.hash !== end.hash;
  const fault = isCut ? { file: auditFile(folder, 0), line: line + 1, reason: "cut_tail" as const } : null;
  return { ok: fault === null, records, head, fault };
}

/** The last `count` records as they were written, oldest first. */
export async function tailAuditLog(folder: string, keep: number, count: number): Promise<string[]> {
  const kept: string[] = [];
  for (const file of filesByAge(folder, keep).slice(-2)) {
    for await (const text of linesOf(file)) {
      kept.push(text);
      if (kept.length > count) kept.shift();
    }
  }
  return kept;
}

const filesByAge = (folder: string, keep: number): string[] =>
  Array.from({ length: keep + 1 }, (_, age) => auditFile(folder, age))
    .filter((file) => existsSync(file))
    .toReversed();

const linesOf = (file: string) =>
  createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
