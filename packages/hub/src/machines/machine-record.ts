/** A machine as its owner sees it, from what is kept of it and what is so now. */
import { ownMachine } from "@paddock/contract";
import type { MachineIdentity } from "./machine.ts";
import type { MachineRow } from "./store.ts";

export interface MachineRecord extends MachineIdentity {
  hostname: string;
  /** Whether it is the one that the hub runs on. */
  own: boolean;
  online: boolean;
  /** RFC 3339, like all times here. */
  enrolledAt: string;
  /** Now for one that is online. */
  lastSeenAt: string | null;
  /** When a second runner with its key came last. */
  conflictAt: string | null;
}

/** What is so now. `conflictAt` in milliseconds since the epoch. */
interface Now {
  online: boolean;
  lastSeenAt: string | null;
  conflictAt: number | null;
}

export const recordOf = (row: MachineRow, { online, lastSeenAt, conflictAt }: Now): MachineRecord => ({
  ...identityOf(row),
  hostname: row.hostname,
  own: row.id === ownMachine,
  online,
  enrolledAt: new Date(row.enrolled_at).toISOString(),
  lastSeenAt,
  conflictAt: timeOf(conflictAt),
});

export const identityOf = ({ id, name, labels, disabled_at }: MachineRow): MachineIdentity => ({
  id,
  name,
  labels,
  disabled: disabled_at !== null,
});

const timeOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
