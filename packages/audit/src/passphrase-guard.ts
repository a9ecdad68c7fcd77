/** The owner's passphrase at a control socket: a wrong one is on record. */
import { PaddockError, type Passphrase } from "@paddock/contract";
import type { AuditLog } from "./audit-log.ts";

/** Takes the header that a request has, or has not. Throws passphrase_wrong and passphrase_required as the passphrase does. */
export const guardWith =
  (passphrase: Passphrase, audit: Pick<AuditLog, "writeDurably">) =>
  async (header: string | undefined): Promise<void> => {
    try {
      await passphrase.check(header);
    } catch (error) {
      if (error instanceof PaddockError && error.code === "passphrase_wrong")
        audit.writeDurably({ event: "credential.failed", surface: "cli", code: error.code });
      throw error;
    }
  };
