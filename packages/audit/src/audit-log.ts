/** An audit log as those see it who write to it. */
import type { AuditEntry, ChainHead, SignedHead } from "@paddock/contract";

export interface AuditLog {
  /** False while records cannot be written: then nothing new may run. Tries again when asked. */
  readonly writable: boolean;
  /** Throws audit_unavailable while records cannot be written. */
  mustBeWritable(): void;
  /** Never throws: what cannot be written yet waits, as far as there is room. */
  write(entry: AuditEntry): void;
  /** On the disk when it returns, as far as the disk keeps its promises, and covered by a signed head. */
  writeDurably(entry: AuditEntry): void;
  /** Where the log in the file ends. */
  readonly head: ChainHead;
  readonly path: string;
  readonly folder: string;
  /** The public half of the key that signs. */
  readonly key: string;
  /** Signs where the log ends now, and gives it; what is not on the disk yet goes there first. Null when that fails. */
  seal(): SignedHead | null;
  /** The end as it was signed no longer ago than that; signed now where there is none. */
  sealedWithin(milliseconds: number): SignedHead | null;
  /** Called with each head that was signed; returns how to stop. */
  onSealed(listener: (head: SignedHead) => void): () => void;
  /**
   * Compares the log with a head that it signed at another time. What was cut off or rewritten since is on record then,
   * and the log goes on behind that head, so that no number stands for two records.
   */
  checkAgainst(head: SignedHead): void;
  close(): void;
}

/** What those need who only write. */
export type AuditSink = Pick<AuditLog, "write" | "mustBeWritable">;
