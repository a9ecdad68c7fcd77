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
  fault: (ChainFault & { file: string }) | null;
}

/** Reads every file from the oldest on. */
export async function verifyAuditLog(folder: string, keep: number): Promise<ChainVerdict> {
  const verifier = verifyChain(sha256);
  for (const file of filesByAge(folder, keep)) {
    let line = 0;
    for await (const text of linesOf(file)) {
      line += 1;
      const fault = verifier.next(text);
      if (fault) return { ok: false, records: verifier.records, head: verifier.head, fault: { ...fault, line, file } };
    }
  }
  return { ok: true, records: verifier.records, head: verifier.head, fault: null };
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
