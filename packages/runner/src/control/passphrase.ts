/** The owner's passphrase on the control socket: set, taken away, and wanted for what widens what may happen. */
import type { AuditLog } from "@paddock/audit";
import { PaddockError, type Passphrase, passphraseWish } from "@paddock/contract";
import { parse, type Route } from "./server.ts";

/** Wrong ones are on record. */
export const guardWith =
  (passphrase: Passphrase, audit: AuditLog) =>
  async (header: string | undefined): Promise<void> => {
    try {
      await passphrase.check(header);
    } catch (error) {
      if (error instanceof PaddockError && error.code === "passphrase_wrong")
        audit.writeDurably({ event: "credential.failed", surface: "cli", code: error.code });
      throw error;
    }
  };

export const passphraseRoutes = ({ passphrase, audit }: { passphrase: Passphrase; audit: AuditLog }): Route[] => [
  {
    method: "POST",
    path: /^\/passphrase$/,
    async answer({ body }) {
      const { passphrase: next } = parse(passphraseWish, body);
      await passphrase.change(next);
      audit.writeDurably({ event: "policy.changed", detail: { guard: next === null ? "off" : "on" } });
      return { set: next !== null };
    },
  },
];
