/**
 * Goes along a chain and says which record is not what it was. A record is vouched for by the one behind it, so that a
 * wrong hash is told one line later: only then is known on which side of it the change is.
 */
import type { ChainHead } from "@paddock/contract";
import { emptyChain, factsOf, type LineFacts, sha256 } from "./chain.ts";

export interface Place {
  file: string;
  /** Of the file, from 1. */
  line: number;
  seq: number;
}

export type ChainReason = "not_a_record" | "changed" | "missing" | "out_of_order";

export interface ChainFault extends Place {
  reason: ChainReason;
  /** Numbers of the records that are not there. */
  missing?: [first: number, last: number];
  /** Hash of the record before a gap, for which no other record vouches. */
  before?: string;
}

interface Seen extends Place, ChainHead {}

export class ChainCheck {
  readonly #found: (fault: ChainFault) => void;
  #last: Seen | null = null;
  /** The line before does not show what the next one must say: it is at fault itself. */
  #unsure = false;
  /** Either `last` or the line before it was changed. */
  #doubt: Seen | null = null;

  constructor(found: (fault: ChainFault) => void) {
    this.#found = found;
  }

  /** The end of the chain so far; null before the first record. */
  get head(): ChainHead | null {
    return this.#last && { seq: this.#last.seq, hash: this.#last.hash };
  }

  /** Takes the next line; gives what it says of itself, or null when it is no record. */
  next(line: Buffer, file: string, number: number): LineFacts | null {
    const facts = factsOf(line);
    const last = this.#last;
    const expected = last ? last.seq + 1 : (facts?.seq ?? 1);
    const here = { file, line: number, seq: facts?.seq ?? expected };
    const seen = { ...here, hash: sha256(line) };
    if (facts) this.#compare(facts, last, seen, here);
    else this.#report({ ...here, reason: "not_a_record" }, false);
    this.#last = facts ? seen : { ...seen, seq: expected };
    return facts;
  }

  /** The chain is over. `end` is the hash of its last line as somebody else knows it. */
  end(end: string | undefined): void {
    this.#settle(end);
  }

  #compare(facts: LineFacts, last: Seen | null, seen: Seen, here: Place): void {
    this.#settle(facts.previous);
    const before = last ?? (facts.seq === 1 ? emptyChain : null);
    const unsure = this.#unsure;
    this.#unsure = false;
    if (before === null || unsure) return;
    const follows = facts.previous === before.hash;
    if (facts.seq !== before.seq + 1) this.#misnumbered(before, follows, seen, here);
    else if (!follows && last) this.#doubt = last;
    else if (!follows) this.#report({ ...here, reason: "changed" }, true);
  }

  /** The number alone was changed when the hash still is the one of the line before. */
  #misnumbered({ seq, hash }: ChainHead, follows: boolean, seen: Seen, here: Place): void {
    if (follows) {
      seen.seq = seq + 1;
      this.#report({ ...here, seq: seen.seq, reason: "changed" }, false);
    } else if (here.seq > seq) {
      this.#report({ ...here, reason: "missing", missing: [seq + 1, here.seq - 1], before: hash }, true);
    } else this.#report({ ...here, reason: "out_of_order", before: hash }, true);
  }

  /** `previous` is what comes after `last` says of it: when it is right, the line before `last` was changed. */
  #settle(previous: string | undefined): void {
    const doubt = this.#doubt;
    this.#doubt = null;
    if (!doubt || !this.#last) return;
    const isWhole = previous === this.#last.hash;
    const { file, line, seq } = isWhole ? doubt : this.#last;
    this.#report({ file, line, seq, reason: "changed" }, isWhole);
  }

  /** `sure`: the line itself is whole, so that the next one can be compared with it. */
  #report(fault: ChainFault, sure: boolean): void {
    if (!sure) this.#unsure = true;
    this.#found(fault);
  }
}
