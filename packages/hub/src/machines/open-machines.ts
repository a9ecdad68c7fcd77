/** Everything about machines, put together: who they are, their links of both kinds, and where their audit logs end. */
import { hostname } from "node:os";
import { join } from "node:path";
import type { AuditLog } from "@paddock/audit";
import { type MachineId, ownMachine } from "@paddock/contract";
import type { Database } from "../database/database.ts";
import type { Log } from "../log.ts";
import { type Fleet, openFleet } from "./fleet.ts";
import { type Heads, openHeads } from "./heads.ts";
import { type LazyRemoteLinks, lazyRemoteLinks } from "./lazy-remote-links.ts";
import { serveOwnLinks } from "./own-links.ts";
import { openRegistry, type Registry } from "./registry.ts";
import { openMachineStore } from "./store.ts";

export interface OpenMachines {
  fleet: Fleet;
  registry: Registry;
  heads: Heads;
  remote: LazyRemoteLinks;
  /** Lets the runner of this machine dial in. */
  serveOwn(): Promise<void>;
}

interface Parts {
  folder: string;
  database: Database;
  audit: AuditLog;
  log: Log;
}

/** What is opened is ended by `open`. */
export function openMachines({ folder, database, audit, log }: Parts, open: AsyncDisposableStack): OpenMachines {
  const hub = hostname();
  const heads = openHeads(audit, log);
  const seen = (id: MachineId, host: string): void => registry.seen(id, host);
  const newKey: Registry["newKey"] = (id, key, signature) => registry.newKey(id, key, signature);
  const fleet = openFleet({ hub, log, records: { audit, headsOf: heads.of }, seen, newKey });
  open.defer(fleet.close);
  const registry = openRegistry({ store: openMachineStore(database), fleet, audit, hostname: hub });
  const remote = lazyRemoteLinks({ folder, registry, fleet, audit, log });
  return {
    fleet,
    registry,
    heads,
    remote,
    async serveOwn() {
      const links = await serveOwnLinks(join(folder, "link.sock"), (wire) => registry.attach(ownMachine, wire));
      open.defer(links.close);
    },
  };
}
