/** Which hub this runner works for, and what was heard of that one's audit log. */
import { type AuditLog, type Exchange, openExchange } from "@paddock/audit";
import { type JoinedHub, readJoined } from "./joined.ts";

export interface KnownHub {
  /** The runner's state folder. */
  folder: string;
  /** Null for the hub of this machine. */
  joined: JoinedHub | null;
  heads: Exchange;
}

export function knownHub(folder: string, audit: AuditLog, log: Parameters<typeof openExchange>[1]): KnownHub {
  const joined = readJoined(folder);
  return { folder, joined, heads: openExchange(audit, log, joined?.machine) };
}
