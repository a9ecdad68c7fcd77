/** The hub's audit log, as those who write to it see it. */
import type { AuditEntry } from "@paddock/contract";

export interface AuditLog {
  /** Appends a record; it is in the file when this returns. Throws audit_unavailable when it cannot be written. */
  record(entry: AuditEntry): void;
}
