/** The owner's passphrase on the control socket: set, taken away, and wanted for what widens what may happen. */
import type { AuditLog } from "@paddock/audit";
import { type Passphrase, passphraseWish } from "@paddock/contract";
import { parse, type Route } from "./server.ts";

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
