/**
 * Whether an audit log still is what was written: its chain, its files, where its writer says it ends, and where the other
 * side remembers that it ended. Reads every byte once.
 */
import { type ChainHead, type SignedHead, signedHead } from "@paddock/contract";
import { ChainCheck, type ChainReason } from "./chain-check.ts";
import { auditFile, filesOf } from "./files.ts";
import { linesOf } from "./lines.ts";
import { isSigned, keyOf, signedEnd } from "./seal.ts";

export type FaultReason =
  | ChainReason
  | "missing_file"
  | "cut_tail" // the newest records are gone
  | "rewritten" // a record is not the one that was vouched for
  | "head_missing" // where the log ends was signed once, and the signature is gone
  | "wrong_signature"
  | "damaged" // the writer found it and says what it was
  | "head_refused" // what the other side said of its log cannot be
  | "another_log"; // somebody remembers one with another key in its place

export interface Fault {
  reason: FaultReason;
  /** Number of the record it is about. */
  seq: number;
  file: string;
  /** Line of the file; 0 where no line is to blame. */
  line: number;
  /** More, in words. */
  says?: string;
  /** Hash of the record before a gap: an accepted gap must not hide what happens to that one later. */
  before?: string;
}

export interface Verification {
  /** No fault but those that the owner has accepted. */
  ok: boolean;
  records: number;
  head: ChainHead | null;
  /** The first of them, oldest first. */
  faults: Fault[];
  /** Faults on which `paddock audit accept` was said. */
  accepted: Fault[];
  /** Records behind the last signed head, for which nobody vouches while Paddock is stopped. */
  unsigned: number;
}

/** Heads that somebody knows of this log. */
export interface Witness {
  who: string;
  /** With the key that signed them, where they were signed. */
  heads: readonly (ChainHead & { key?: string })[];
}

const maxFaults = 20;

/** How a fault is named when it is accepted. */
export const faultName = ({ reason, seq, before }: Fault): string =>
  `${reason}@${seq}${before ? `:${before.slice(0, 32)}` : ""}`;

/** Whether a log was ever begun in that folder: one whose files were all taken away still has its key. */
export const isAuditLog = (folder: string): boolean => filesOf(auditFile(folder)).length > 0 || keyOf(folder) !== null;

export function verifyLog(folder: string, witnesses: readonly Witness[]): Verification {
  return new Check(folder, witnesses).run();
}

/** The heads that this log has received of the one beside it, in the same installation. A pass that looks at nothing else. */
export function headsReceived(folder: string): SignedHead[] {
  const heads: SignedHead[] = [];
  const mark = Buffer.from('"event":"head.received"');
  for (const file of filesOf(auditFile(folder))) {
    for (const line of linesOf(file)) {
      const at = line.subarray(0, 96).indexOf(mark);
      const { machine, detail } = at < 0 ? nothing : partsOf(line);
      const head = machine === undefined ? signedHead.safeParse(detail).data : undefined;
      if (head) heads.push(head);
    }
  }
  return heads;
}

class Check {
  readonly #path: string;
  readonly #folder: string;
  /** What a record's hash must be, and who says so. */
  readonly #vouched = new Map<number, { hash: string; who: string }[]>();
  readonly #faults: Fault[] = [];
  readonly #accepted = new Set<string>();
  readonly #chain: ChainCheck;
  #records = 0;
  #first = 0;
  #begins = 1;

  constructor(folder: string, witnesses: readonly Witness[]) {
    this.#folder = folder;
    this.#path = auditFile(folder);
    for (const witness of witnesses) this.#hear(witness);
    this.#chain = new ChainCheck(({ missing, ...fault }) =>
      this.#report({ ...fault, ...(missing ? { says: `records ${missing[0]} to ${missing[1]} are gone` } : {}) }),
    );
  }

  run(): Verification {
    const signed = this.#signedEnd();
    if (signed) this.#vouch("its own signed head", signed);
    for (const file of filesOf(this.#path)) this.#read(file);
    const { head } = this.#chain;
    this.#chain.end(head ? this.#vouched.get(head.seq)?.[0]?.hash : undefined);
    this.#compareFiles();
    this.#compareEnd(head);
    const faults = this.#faults.toSorted((a, b) => a.seq - b.seq);
    const [open, accepted] = [faults.filter((fault) => !this.#isAccepted(fault)), faults.filter(this.#isAccepted)];
    const unsigned = Math.max(0, (head?.seq ?? 0) - (signed?.seq ?? 0));
    return { ok: open.length === 0, records: this.#records, head, faults: open, accepted, unsigned };
  }

  #hear({ who, heads }: Witness): void {
    const key = keyOf(this.#folder);
    const isOwn = (head: Witness["heads"][number]) => head.key === undefined || head.key === key;
    for (const head of heads) if (isOwn(head)) this.#vouch(who, head);
    const other = heads.findLast((head) => !isOwn(head));
    if (!other) return;
    const says = `${who} remembers a log with the key ${other.key} here`;
    this.#report({ reason: "another_log", seq: other.seq, file: this.#path, line: 0, says });
  }

  #vouch(who: string, { seq, hash }: ChainHead): void {
    if (seq === 0) return;
    const known = this.#vouched.get(seq);
    if (!known) this.#vouched.set(seq, [{ hash, who }]);
    else if (known.every((other) => other.hash !== hash)) known.push({ hash, who });
  }

  #signedEnd(): SignedHead | null {
    const key = keyOf(this.#folder);
    const signed = signedEnd(this.#folder);
    const at = { seq: signed?.seq ?? 0, file: this.#path, line: 0 };
    if (signed && signed.key === key && isSigned(signed)) return signed;
    if (signed)
      this.#report({ ...at, reason: "wrong_signature", says: "the signed head is not signed by this log's key" });
    else if (key !== null) this.#report({ ...at, reason: "head_missing" });
    return null;
  }

  /** Half a line at the end of the newest file is one that is being written, or that a crash cut short. */
  #read(file: string): void {
    const lines = linesOf(file);
    let number = 0;
    let next = lines.next();
    for (; !next.done; next = lines.next()) {
      number += 1;
      this.#take(next.value, file, number);
    }
    if (next.value > 0 && file !== this.#path) {
      this.#report({ reason: "not_a_record", file, line: number + 1, seq: (this.#chain.head?.seq ?? 0) + 1 });
    }
  }

  #take(line: Buffer, file: string, number: number): void {
    const facts = this.#chain.next(line, file, number);
    this.#records += 1;
    const { head } = this.#chain;
    if (!facts || !head) return;
    if (this.#records === 1) this.#first = facts.seq;
    const place = { file, line: number, seq: facts.seq };
    const vouched = this.#vouched.get(head.seq);
    const wrong = vouched?.find(({ hash }) => hash !== head.hash);
    if (wrong) this.#report({ ...place, reason: "rewritten", says: `not what ${wrong.who} says` });
    if (facts.event.startsWith("log.") || facts.event === "head.refused") this.#heed(facts.event, partsOf(line), place);
  }

  #heed(event: string, { machine, detail }: Parts, place: Pick<Fault, "file" | "line" | "seq">): void {
    if (event === "log.rotated" && typeof detail.begins === "number") this.#begins = detail.begins;
    if (event === "log.damaged") this.#report({ ...place, reason: "damaged", says: String(detail.reason) });
    if (event === "head.refused") {
      const says = `${detail.reason}${machine === undefined ? "" : `, over the link of ${machine}`}`;
      this.#report({ ...place, reason: "head_refused", says });
    }
    if (event === "log.accepted" && Array.isArray(detail.faults)) {
      for (const name of detail.faults) this.#accepted.add(String(name));
    }
  }

  /** Rotation says what it leaves behind before it goes: what else is not there was taken away. */
  #compareFiles(): void {
    if (this.#records === 0 || this.#first <= this.#begins) return;
    const says = `records ${this.#begins} to ${this.#first - 1} are gone, and rotation did not take them`;
    this.#report({ reason: "missing_file", seq: this.#begins, file: this.#path, line: 0, says });
  }

  #compareEnd(head: ChainHead | null): void {
    const end = head?.seq ?? 0;
    const [furthest] = [...this.#vouched.keys()].filter((seq) => seq > end).toSorted((a, b) => b - a);
    if (furthest === undefined) return;
    const who = this.#vouched.get(furthest)?.[0]?.who;
    const says = `records ${end + 1} to ${furthest} are gone, says ${who}`;
    this.#report({ reason: "cut_tail", seq: end + 1, file: this.#path, line: 0, says });
  }

  #report(fault: Fault): void {
    if (this.#faults.length < maxFaults) this.#faults.push(fault);
  }

  readonly #isAccepted = (fault: Fault): boolean => this.#accepted.has(faultName(fault));
}

/** What is looked at in a record. */
interface Parts {
  machine?: string;
  detail: Record<string, unknown>;
}

const nothing: Parts = { detail: {} };

function partsOf(line: Buffer): Parts {
  try {
    const { machine, detail = {} } = JSON.parse(line.toString("utf8"));
    return { machine, detail };
  } catch {
    return nothing;
  }
}
