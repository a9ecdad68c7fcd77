/**
 * A revoked token ends what it left running on the machine: its runs, shells, processes and bridged servers. The machine is
 * told at once, and again whenever its link comes up, as it may have been away when the token was revoked.
 */
import type { LinkedMachine } from "../machines/machine.ts";
import type { Tokens } from "./tokens.ts";

/** A runner that was away for longer has no shell of that time left. */
const repeatedMs = 24 * 3_600_000;

export function endRevoked(tokens: Tokens, machine: LinkedMachine): Tokens {
  let wasOnline = false;
  machine.onChange(() => {
    if (machine.online && !wasOnline) {
      for (const { id, revokedAt } of tokens.list()) {
        if (revokedAt !== null && Date.now() - Date.parse(revokedAt) < repeatedMs) machine.endPrincipal(id);
      }
    }
    wasOnline = machine.online;
  });
  return {
    ...tokens,
    revoke(id, now) {
      const revoked = tokens.revoke(id, now);
      machine.endPrincipal(id);
      return revoked;
    },
  };
}
