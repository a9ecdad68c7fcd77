/**
 * A token that is revoked or has expired ends what it left running on the machine: its runs, shells, processes and bridged
 * servers. The machine is told of a revocation at once, of an expiry within a minute, and of both again whenever its link
 * comes up, as it may have been away.
 */
import type { LinkedMachine } from "../machines/machine.ts";
import type { TokenRecord, Tokens } from "./tokens.ts";

/** A runner that was away for longer has no shell of that time left. */
const repeatedMs = 24 * 3_600_000;
const lookEveryMs = 60_000;

export interface EndingTokens extends Tokens {
  close(): void;
}

export function endWithGrants(tokens: Tokens, machine: LinkedMachine, now: () => number = Date.now): EndingTokens {
  let toldUntil = now() - repeatedMs;
  const tell = () => {
    const from = toldUntil;
    toldUntil = now();
    for (const token of tokens.list()) {
      const endedAt = endOf(token);
      if (endedAt > from && endedAt <= toldUntil) machine.endPrincipal(token.id);
    }
  };
  let wasOnline = false;
  const stop = machine.onChange(() => {
    if (machine.online && !wasOnline) toldUntil = now() - repeatedMs;
    wasOnline = machine.online;
    if (wasOnline) tell();
  });
  const timer = setInterval(() => wasOnline && tell(), lookEveryMs).unref();
  return {
    ...tokens,
    revoke(id, at) {
      const revoked = tokens.revoke(id, at);
      machine.endPrincipal(id);
      return revoked;
    },
    close() {
      clearInterval(timer);
      stop();
    },
  };
}

/** When what the token grants is over, in milliseconds since the epoch. */
const endOf = ({ revokedAt, expiresAt }: TokenRecord): number =>
  Math.min(Date.parse(revokedAt ?? expiresAt), Date.parse(expiresAt));
