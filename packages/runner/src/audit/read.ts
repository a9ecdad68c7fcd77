/** Reading an audit log: its last records, and whether its chain holds. */
import { createReadStream, existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { type AuditRecord, auditRecord, type ChainFault, type ChainHead, verifyChain } from "@paddock/contract";
import { sha256 } from "./audit.ts";

export interface Verification {
  ok: boolean;
  records: number;
  /** Where the chain breaks, and why; null when it holds. */
  fault: (ChainFault & { file: string }) | { file: string; line: number; reason: "cut_tail" } | null;
}

/** Verifies all files of a log, oldest first, and that it ends where the writer says it ends. */
export async function verifyAudit(path: string, head: ChainHead): Promise<Verification> {
  const chain = verifyChain(sha256);
  for (const file of filesOf(path)) {
    let line = 0;
    for await (const text of linesOf(file)) {
      line += 1;
      const fault = chain.next(text);
      if (fault) return { ok: false, records: chain.records, fault: { ...fault, file, line } };
    }
  }
  const end = chain.head?.hash ?? null;
  if (head.seq > 0 && end !== head.hash) {
    return { ok: false, records: chain.records, fault: { file: path, line: chain.records + 1, reason: "cut_tail" } };
  }
  return { ok: true, records: chain.records, fault: null };
}

/** The last `count` records, oldest first. */
export async function tailAudit(path: string, count: number): Promise<AuditRecord[]> {
  const last: string[] = [];
  for (const file of filesOf(path)) {
    for await (const line of linesOf(file)) {
      last.push(line);
      if (last.length > count) last.shift();
    }
  }
  return last.map((line) => auditRecord.parse(JSON.parse(line)));
}

function filesOf(path: string): string[] {
  const files = [path];
  for (let n = 1; existsSync(`${path}.${n}`); n += 1) files.unshift(`${path}.${n}`);
  return files;
}

const linesOf = (file: string) =>
  createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
