/**
 * What hub and runner tell each other of their logs: where each ends, signed. Each keeps what it hears in its own chain, so
 * that a log that is cut or written anew contradicts the other one. The first key that is heard is the one that counts.
 */
import { join } from "node:path";
import type { HeadWord, SignedHead } from "@paddock/contract";
import type { AuditLog } from "./audit-log.ts";
import { writeWhole } from "./files.ts";
import { isSigned, readHead } from "./seal.ts";

export interface Exchange {
  /** What is said when a connection is up: where this log ends, and the last that was heard of the other one. */
  greeting(): HeadWord | null;
  /** Takes what the other side says of its log, and of this one. Whatever is wrong with it is on record then. */
  hear(word: HeadWord): void;
  /** Called with what is to be told; returns how to stop. */
  onWord(tell: (word: HeadWord) => void): () => void;
  /** The next key that is heard counts. */
  forget(): void;
}

type Refusal = "unknown_key" | "wrong_signature" | "older" | "contradiction" | "another_log";

/** The other side can say much and quickly: so much of it is kept, the rest is said by what follows. */
const acceptEveryMs = 100;
const refuseEveryMs = 60_000;
/** Many may come at once, each of which is told soon of what follows. */
const greetWithinMs = 1_000;
/** To compare means to look an old record up. A log is compared when it was opened anew, and that takes longer. */
const compareEveryMs = 5_000;

type Told = { error(fields: object, message: string): void };

/** `machine` is at one end of the link, unless that is between hub and runner of one place; what was heard of each is kept by itself. */
export function openExchange(log: AuditLog, told: Told, machine?: string): Exchange {
  const file = join(log.folder, machine === undefined ? "audit.other.json" : `audit.other.${machine}.json`);
  const about = machine === undefined ? {} : { machine };
  const refusedAt = new Map<Refusal, number>();
  let last = readHead(file);
  let acceptedAt = Number.NEGATIVE_INFINITY;
  let comparedAt = Number.NEGATIVE_INFINITY;

  const refuse = (reason: Refusal, { key, seq, hash, at }: SignedHead): void => {
    const now = performance.now();
    if (now - (refusedAt.get(reason) ?? Number.NEGATIVE_INFINITY) < refuseEveryMs) return;
    refusedAt.set(reason, now);
    log.write({ event: "head.refused", ...about, detail: { reason, key, seq, hash, at } });
  };
  const accept = (head: SignedHead): void => {
    const fault = faultOf(head, last);
    if (fault) refuse(fault, head);
    const isNews = last === null || head.seq > last.seq;
    if (fault || !isNews || performance.now() - acceptedAt < acceptEveryMs) return;
    acceptedAt = performance.now();
    log.write({ event: "head.received", ...about, detail: head });
    last = head;
    try {
      writeWhole(file, JSON.stringify(head));
    } catch (error) {
      told.error({ err: error }, "where the other audit log ends could not be kept beside this one; it is in it");
    }
  };
  const compare = (known: SignedHead): void => {
    if (performance.now() - comparedAt < compareEveryMs) return;
    comparedAt = performance.now();
    if (known.key !== log.key) refuse("another_log", known);
    else if (!isSigned(known)) refuse("wrong_signature", known);
    else log.checkAgainst(known);
  };

  return {
    greeting() {
      const head = log.sealedWithin(greetWithinMs);
      return head && { head, ...(last ? { known: last } : {}) };
    },
    hear({ head, known }) {
      if (known) compare(known);
      accept(head);
    },
    onWord: (tell) => log.onSealed((head) => tell({ head })),
    forget() {
      last = null;
    },
  };
}

/** Null for a head that can follow the one that was heard last. */
function faultOf(head: SignedHead, last: SignedHead | null): Refusal | null {
  if (last && head.key !== last.key) return "unknown_key";
  if (!isSigned(head)) return "wrong_signature";
  if (last && head.seq < last.seq) return "older";
  return last && head.seq === last.seq && head.hash !== last.hash ? "contradiction" : null;
}
