/**
 * An audit log: a chain of JSON lines, rotated by size, the chain going on across files. A record is in the file when
 * `write` returns, so that no kill loses it, and on the disk within 200 ms; then where the log ends is signed from time to
 * time. While records cannot be written, what is to run is refused.
 */
import { rmSync } from "node:fs";
import { type AuditEntry, type ChainHead, PaddockError, type SignedHead } from "@paddock/contract";
import type { AuditLog } from "./audit-log.ts";
import { chainLine } from "./chain.ts";
import { auditFile } from "./files.ts";
import { type FileState, LogFile, surplusOf } from "./log-file.ts";
import { openSeal, type Seal } from "./seal.ts";
import { type Mask, shortened } from "./shorten.ts";
import { beginsAfter, hashAt, startOf } from "./start.ts";

export interface AuditOptions {
  folder: string;
  maxBytes: number;
  /** Rotated files kept beside the current one. */
  keep: number;
  mask: Mask;
  log: { error(fields: object, message: string): void };
}

const syncDelayMs = 200;
/** A head is signed after so many records or so long, whichever is first. */
const sealRecords = 1_000;
const sealDelayMs = 2_000;
/** Records that wait for a log that cannot be written; what runs already has room in this, what is refused does not need it. */
const maxWaiting = 2_000;
/** Beyond this a clock that went back is on record; less is an ordinary correction. */
const clockBackMs = 1_000;

interface Line {
  text: string;
  head: ChainHead;
}

class ChainedLog implements AuditLog {
  readonly path: string;
  readonly folder: string;
  readonly #options: AuditOptions;
  readonly #file: LogFile;
  readonly #seal: Seal;
  readonly #listeners = new Set<(head: SignedHead) => void>();
  /** The end of what was chained, and of what is in the file. */
  #chained: ChainHead;
  #written: ChainHead;
  #waiting: Line[] = [];
  #left = 0;
  /** Lines since the file was last seen to be whole: what is to be written again when it was taken away. */
  #recent: Line[] = [];
  #fault: unknown = null;
  #sinceSealed = 0;
  #sealedAt = performance.now();
  #signedAt = Number.NEGATIVE_INFINITY;
  #lastAt: number;
  #isClosed = false;
  #syncTimer: NodeJS.Timeout | null = null;
  #sealTimer: NodeJS.Timeout | null = null;

  constructor(options: AuditOptions) {
    this.#options = options;
    this.folder = options.folder;
    this.path = auditFile(options.folder);
    this.#file = new LogFile(this.path);
    const { end, at } = startOf(this.path);
    this.#chained = end;
    this.#written = end;
    this.#lastAt = at;
    this.#seal = openSeal(options.folder, end);
    const { latest } = this.#seal;
    if (latest === null) this.#damaged("head_missing", {});
    else this.checkAgainst(latest);
  }

  get key(): string {
    return this.#seal.key;
  }

  get head(): ChainHead {
    return this.#written;
  }

  get writable(): boolean {
    return (this.#waiting.length === 0 && this.#fault === null) || this.#flush();
  }

  mustBeWritable(): void {
    if (!this.writable) throw new PaddockError("audit_unavailable", "The audit log cannot be written.");
  }

  /** After the end there is nothing to write to: a connection that notices it last is not on record. */
  write(entry: AuditEntry): void {
    if (this.#isClosed) return;
    this.#append(entry);
    this.#syncTimer ??= setTimeout(() => this.#sync(), syncDelayMs).unref();
  }

  writeDurably(entry: AuditEntry): void {
    this.#append(entry);
    this.seal();
  }

  seal(): SignedHead | null {
    return this.#guarded(() => {
      this.#check();
      this.#file.syncNow();
      return this.#sign(this.#written);
    });
  }

  sealedWithin(milliseconds: number): SignedHead | null {
    const { latest } = this.#seal;
    return latest && performance.now() - this.#signedAt < milliseconds ? latest : this.seal();
  }

  onSealed(listener: (head: SignedHead) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  checkAgainst(head: SignedHead): void {
    const { seq, hash } = this.#chained;
    if (head.seq > seq) {
      this.#chained = { seq: head.seq, hash: head.hash };
      this.#damaged("cut_tail", { missing: [seq + 1, head.seq] });
      return;
    }
    const found = head.seq === seq ? hash : hashAt(this.path, head.seq);
    if (found !== null && found !== head.hash) this.#damaged("rewritten", { record: head.seq });
  }

  close(): void {
    if (this.#syncTimer) clearTimeout(this.#syncTimer);
    if (this.#sealTimer) clearTimeout(this.#sealTimer);
    this.#listeners.clear();
    this.seal();
    this.#isClosed = true;
    this.#guarded(() => this.#file.close());
  }

  #append(entry: AuditEntry): void {
    if (this.#waiting.length >= maxWaiting) {
      this.#left += 1;
      return;
    }
    const now = Date.now();
    if (now < this.#lastAt - clockBackMs) {
      this.#chain({ event: "clock.moved", detail: { from: iso(this.#lastAt) } }, now);
    }
    this.#lastAt = now;
    if (this.#file.size >= this.#options.maxBytes) this.#rotate(now);
    this.#chain(masked(entry, this.#options.mask), now);
    if (!entry.event.startsWith("head.")) this.#sinceSealed += 1;
    this.#flush();
  }

  #chain(entry: AuditEntry, now: number): void {
    const { line, head } = chainLine(this.#chained, entry, iso(now));
    this.#chained = head;
    this.#waiting.push({ text: `${line}\n`, head });
  }

  #flush(): boolean {
    const done = this.#guarded(() => {
      if (this.#fault !== null) this.#recover();
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        this.#file.append(next.text);
        this.#waiting.shift();
        this.#recent.push(next);
        this.#written = next.head;
      }
      return true;
    });
    if (done && this.#left > 0) {
      const left = this.#left;
      this.#left = 0;
      this.#damaged("unwritable", { left });
    }
    return done === true;
  }

  /** Null when it failed; nothing new runs then until it works again. */
  #guarded<T>(work: () => T): T | null {
    try {
      return work();
    } catch (fault) {
      if (this.#fault === null)
        this.#options.log.error({ err: fault }, "the audit log cannot be written; new runs are refused");
      this.#fault = fault;
      return null;
    }
  }

  /** What rotation leaves behind is on record before it goes, so that a file that is missing shows. */
  #rotate(now: number): void {
    if (!this.#flush()) return;
    this.#guarded(() => {
      this.#file.rotate();
      this.#recent = [];
      const surplus = surplusOf(this.path, this.#options.keep);
      const begins = beginsAfter(this.path, surplus, this.#chained.seq + 1);
      this.#chain({ event: "log.rotated", detail: { begins } }, now);
      if (!this.#flush()) return;
      this.#file.syncNow();
      for (const file of surplus) rmSync(file, { force: true });
    });
  }

  #sync(): void {
    this.#syncTimer = null;
    if (!this.#flush() || !this.#guarded(() => this.#check())) return;
    const head = this.#written;
    this.#file.sync((fault) => {
      if (fault) this.#guarded(() => raise(fault));
      else this.#sealSoon(head);
    });
  }

  #sealSoon(head: ChainHead): void {
    if (this.#sinceSealed === 0) return;
    const waitMs = this.#sealedAt + sealDelayMs - performance.now();
    if (this.#sinceSealed >= sealRecords || waitMs <= 0) this.#guarded(() => this.#sign(head));
    else this.#sealTimer ??= setTimeout(() => this.#sealNow(), waitMs).unref();
  }

  #sealNow(): void {
    this.#sealTimer = null;
    if (this.#sinceSealed > 0) this.seal();
  }

  #sign(head: ChainHead): SignedHead {
    const { latest } = this.#seal;
    this.#sinceSealed = 0;
    this.#sealedAt = performance.now();
    this.#signedAt = this.#sealedAt;
    if (latest?.seq === head.seq && latest.hash === head.hash) return latest;
    const signed = this.#seal.sign(head);
    for (const listener of this.#listeners) listener(signed);
    return signed;
  }

  /** Looks whether the file is what was written; if not, that is put right as far as it can be, and on record. */
  #check(): boolean {
    const state = this.#file.state();
    if (state === "whole") this.#recent = [];
    else this.#recover(state);
    return true;
  }

  #recover(state = this.#file.state()): void {
    if (state !== "whole") this.#file.recover(state);
    this.#fault = null;
    if (state === "removed" || state === "replaced") this.#waiting.unshift(...this.#recent);
    this.#recent = [];
    if (state !== "whole") this.#damaged(state, {});
  }

  #damaged(reason: FileState | "cut_tail" | "rewritten" | "head_missing" | "unwritable", detail: object): void {
    const { folder } = this;
    this.#options.log.error({ folder, reason, ...detail }, "the audit log was damaged; see `paddock audit verify`");
    this.write({ event: "log.damaged", detail: { reason, ...detail } });
  }
}

function raise(fault: Error): never {
  throw fault;
}

const iso = (time: number): string => new Date(time).toISOString();

/** What the logs say of themselves is keys and hashes, which look like secrets and are none. */
function masked(entry: AuditEntry, mask: Mask): AuditEntry {
  const { event, input, detail } = entry;
  if (event.startsWith("head.") || event.startsWith("log.")) return entry;
  return {
    ...entry,
    ...(input === undefined ? {} : { input: shortened(input, mask) }),
    ...(detail === undefined ? {} : { detail: shortened(detail, mask) as Record<string, unknown> }),
  };
}

/** Throws audit_unavailable when what is there cannot be continued. */
export const openAuditLog = (options: AuditOptions): AuditLog => new ChainedLog(options);
