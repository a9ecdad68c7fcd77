/** What everything else of a hub stands on: its records, and its machines. */
import { join } from "node:path";
import { openAuditLog } from "@paddock/audit";
import { type Config, maskSecrets } from "@paddock/contract";
import { openDatabase } from "./database/database.ts";
import type { Log } from "./log.ts";
import { openMachines } from "./machines/open-machines.ts";

/** Adopted by `open`, which ends them. */
export function openGround(folder: string, config: Config, log: Log, open: AsyncDisposableStack) {
  const database = open.adopt(openDatabase(join(folder, "hub.sqlite3")), (opened) => void opened.close());
  const audit = open.adopt(
    openAuditLog({ folder, maxBytes: config.audit_max_bytes, keep: config.audit_keep, mask: maskSecrets, log }),
    (opened) => opened.close(),
  );
  return { database, audit, ...openMachines({ folder, database, audit, log }, open) };
}
