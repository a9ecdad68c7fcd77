/**
 * A token or a consent that is revoked or has expired ends what it left running: its runs, shells, processes and bridged
 * servers on the machines, and its open streams here. Machines are told of a revocation at once, of an expiry within a
 * minute, and of both again whenever their link comes up, as they may have been away.
 */
import type { MachineId } from "@paddock/contract";
import type { LinkedMachine, Machines } from "../machines/machine.ts";

/** What a principal was let in for. Its id is the principal's. */
export interface Grant {
  id: string;
  expiresAt: string;
  revokedAt: string | null;
}

export interface GrantParts {
  /** All that there are, those that have ended too. */
  grants(): readonly Grant[];
  machines: Pick<Machines, "list" | "onChange">;
  /** Ends the streams and waits that a principal has open. */
  endStreams(principal: string): void;
}

export interface EndedGrants {
  /** To be told of each that ends before its time. */
  ended(principal: string): void;
  /** Whether it has ended while the hub ran; for a request that came in before and is still being read. */
  isOver(principal: string): boolean;
  close(): void;
}

/** Machines are told of an end for so long: a runner that was away for longer has no shell of that time left. */
export const repeatedMs = 24 * 3_600_000;
const lookEveryMs = 60_000;
/** No request is read for so long that more would end meanwhile; the oldest are forgotten first. */
const maxOver = 10_000;

export function endWithGrants(parts: GrantParts, now: () => number = Date.now): EndedGrants {
  const { grants, machines, endStreams } = parts;
  const online = new Set<MachineId>();
  let lookedAt = now();
  const endedSince = (from: number): Grant[] =>
    grants().filter((grant) => endOf(grant) > from && endOf(grant) <= now());
  const over = new Set<string>();
  const ended = (principal: string): void => {
    over.add(principal);
    const [oldest] = over;
    if (over.size > maxOver && oldest !== undefined) over.delete(oldest);
    endStreams(principal);
    for (const machine of machines.list()) machine.endPrincipal(principal);
  };
  const look = () => {
    const from = lookedAt;
    lookedAt = now();
    for (const { id } of endedSince(from)) ended(id);
  };
  const greet = (machine: LinkedMachine) => {
    for (const { id } of endedSince(now() - repeatedMs)) machine.endPrincipal(id);
  };
  const stop = machines.onChange((machine) => {
    const isNew = machine.online && !online.has(machine.id);
    if (machine.online) online.add(machine.id);
    else online.delete(machine.id);
    if (isNew) greet(machine);
  });
  const timer = setInterval(look, lookEveryMs).unref();
  return {
    ended,
    isOver: (principal) => over.has(principal),
    close() {
      clearInterval(timer);
      stop();
    },
  };
}

/** When what was granted is over, in milliseconds since the epoch. */
const endOf = ({ revokedAt, expiresAt }: Grant): number =>
  Math.min(Date.parse(revokedAt ?? expiresAt), Date.parse(expiresAt));
