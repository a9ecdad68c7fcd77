/**
 * The hash chain of an audit log: each line carries the hash of the line before it, so that a changed, removed or inserted
 * line shows. Pure; whoever writes a log brings the hash function and the file. Cutting lines off the end is not visible
 * from the log alone: for that, compare with a head that was kept elsewhere.
 */
import { type AuditEntry, auditRecord } from "./audit.ts";

/** SHA-256 of UTF-8 text as 64 hex digits. */
export type Sha256 = (text: string) => string;

/** Where a log ends: the number of its last record, and the hash of its last line. */
export interface ChainHead {
  seq: number;
  hash: string;
}

export const emptyChain: ChainHead = { seq: 0, hash: "0".repeat(64) };

/** The line for the next record, without its newline, and the head that the log has after it. `at` is RFC 3339 in UTC. */
export function chainLine(head: ChainHead, entry: AuditEntry, at: string, sha256: Sha256) {
  const seq = head.seq + 1;
  const line = JSON.stringify({ seq, at, ...entry, previous: head.hash });
  return { line, head: { seq, hash: sha256(line) } satisfies ChainHead };
}

/** The head of a log whose last line this is. */
export const headOf = (lastLine: string, sha256: Sha256): ChainHead => ({
  seq: auditRecord.parse(JSON.parse(lastLine)).seq,
  hash: sha256(lastLine),
});

export interface ChainFault {
  /** Number of the line in what was read, from 1. */
  line: number;
  reason: "not_a_record" | "wrong_number" | "wrong_hash";
}

export interface ChainVerifier {
  /** Takes the next line; returns the fault, or null. After a fault nothing more is worth reading. */
  next(line: string): ChainFault | null;
  readonly records: number;
  /** The head after the last good line; null when there was none. */
  readonly head: ChainHead | null;
}

/**
 * Verifies lines one after the other, so that a log of any size can be read. The first line sets where the chain begins:
 * a log whose old files were rotated away begins later than record 1.
 */
export function verifyChain(sha256: Sha256): ChainVerifier {
  let head: ChainHead | null = null;
  let records = 0;
  const faultOf = (line: string): ChainFault["reason"] | ChainHead => {
    const record = readRecord(line);
    if (!record) return "not_a_record";
    const before = head ?? (record.seq === 1 ? emptyChain : { seq: record.seq - 1, hash: record.previous });
    if (record.seq !== before.seq + 1) return "wrong_number";
    if (record.previous !== before.hash) return "wrong_hash";
    return { seq: record.seq, hash: sha256(line) };
  };
  return {
    next(line) {
      const found = faultOf(line);
      if (typeof found === "string") return { line: records + 1, reason: found };
      head = found;
      records += 1;
      return null;
    },
    get records() {
      return records;
    },
    get head() {
      return head;
    },
  };
}

function readRecord(line: string) {
  try {
    return auditRecord.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

const maxText = 200;
const maxKey = 64;
const maxItems = 20;
const maxDepth = 4;
/** Values in one record: a caller must not be able to fill the log, and so push out what is older. */
const maxValues = 100;

type Mask = (text: string) => string;

/** A call's input as an audit log may hold it: `mask` goes over every text, and what is long, deep or much is cut, visibly. */
export const shortenInput = (input: unknown, mask: Mask): unknown => shorten(input, mask, 0, { left: maxValues });

function shorten(input: unknown, mask: Mask, depth: number, budget: { left: number }): unknown {
  budget.left -= 1;
  if (typeof input === "string") return shortenText(input, mask);
  if (typeof input !== "object" || input === null) return input;
  if (depth === maxDepth) return "...";
  const inner = (value: unknown): unknown => (budget.left > 0 ? shorten(value, mask, depth + 1, budget) : "...");
  if (Array.isArray(input)) {
    const kept = input.slice(0, maxItems).map(inner);
    return input.length > maxItems ? [...kept, `... ${input.length - maxItems} more`] : kept;
  }
  const entries = Object.entries(input);
  const kept = entries.slice(0, maxItems).map(([key, value]) => [mask(key.slice(0, maxKey)), inner(value)]);
  return Object.fromEntries(entries.length > maxItems ? [...kept, ["...", `${entries.length - maxItems} more`]] : kept);
}

/** Masks a little more than is kept, so that a secret across the cut does not escape the mask. */
const shortenText = (text: string, mask: Mask): string => {
  const masked = mask(text.slice(0, maxText * 10));
  return masked.length > maxText ? `${masked.slice(0, maxText)}... ${text.length} characters` : masked;
};
