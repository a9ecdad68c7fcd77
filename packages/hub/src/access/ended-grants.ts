/**
 * A token or a consent that is revoked or has expired ends what it left running: its runs, shells, processes and bridged
 * servers on the machine, and its open streams here. The machine is told of a revocation at once, of an expiry within a
 * minute, and of both again whenever its link comes up, as it may have been away.
 */
import type { LinkedMachine } from "../machines/machine.ts";

/** What a principal was let in for. Its id is the principal's. */
export interface Grant {
  id: string;
  expiresAt: string;
  revokedAt: string | null;
}

export interface GrantParts {
  /** All that there are, those that have ended too. */
  grants(): readonly Grant[];
  machine: Pick<LinkedMachine, "online" | "onChange" | "endPrincipal">;
  /** Ends the streams that a principal has open. */
  endStreams(principal: string): void;
}

export interface EndedGrants {
  /** To be told of each that ends before its time. */
  ended(principal: string): void;
  close(): void;
}

/** A runner that was away for longer has no shell of that time left. */
const repeatedMs = 24 * 3_600_000;
const lookEveryMs = 60_000;

export function endWithGrants(parts: GrantParts, now: () => number = Date.now): EndedGrants {
  const { grants, machine, endStreams } = parts;
  let toldUntil = now() - repeatedMs;
  const ended = (principal: string): void => {
    endStreams(principal);
    machine.endPrincipal(principal);
  };
  const tell = () => {
    const from = toldUntil;
    toldUntil = now();
    for (const grant of grants()) {
      const endedAt = endOf(grant);
      if (endedAt > from && endedAt <= toldUntil) ended(grant.id);
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
    ended,
    close() {
      clearInterval(timer);
      stop();
    },
  };
}

/** When what was granted is over, in milliseconds since the epoch. */
const endOf = ({ revokedAt, expiresAt }: Grant): number =>
  Math.min(Date.parse(revokedAt ?? expiresAt), Date.parse(expiresAt));
