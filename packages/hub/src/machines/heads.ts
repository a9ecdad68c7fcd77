/** Where the audit logs of the machines end, each by itself; the hub's own machine keeps the name of the only one there was. */
import { type AuditLog, type Exchange, openExchange } from "@paddock/audit";
import { type MachineId, ownMachine } from "@paddock/contract";

export interface Heads {
  of(machine: MachineId): Exchange;
  /** The next key that is heard of each counts. */
  forget(): void;
}

export function openHeads(audit: AuditLog, log: Parameters<typeof openExchange>[1]): Heads {
  const exchanges = new Map<MachineId, Exchange>();
  const open = (machine: MachineId): Exchange => {
    const exchange = openExchange(audit, log, machine === ownMachine ? undefined : machine);
    exchanges.set(machine, exchange);
    return exchange;
  };
  return {
    of: (machine) => exchanges.get(machine) ?? open(machine),
    forget() {
      for (const exchange of exchanges.values()) exchange.forget();
    },
  };
}
