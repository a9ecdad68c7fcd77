/** What the hub knows of itself at the moment somebody measures it. */
import type { AuditLog } from "@paddock/audit";
import type { Access } from "../access/access.ts";
import type { Inbox } from "../approvals/inbox.ts";
import type { Machines } from "../machines/machine.ts";
import { onlineOf } from "../machines/online.ts";
import type { OpenRuns } from "../runs/calls.ts";
import type { Metric } from "./metrics.ts";

export interface MomentParts {
  runs: Pick<OpenRuns, "open">;
  machines: Pick<Machines, "list">;
  inbox: Pick<Inbox, "list">;
  access: Pick<Access, "failures">;
  audit: Pick<AuditLog, "writable">;
  /** Open event streams of MCP clients. */
  streams(): number;
}

export const moment = ({ runs, machines, inbox, access, audit, streams }: MomentParts): readonly Metric[] => [
  gauge("runs_open", "Runs that have not ended.", runs.open),
  gauge("machines_known", "Machines that belong to the hub.", machines.list().length),
  gauge("machines_online", "Machines that are linked now.", onlineOf(machines)),
  gauge("approvals_waiting", "Questions that wait for the owner.", inbox.list().length),
  gauge("mcp_streams_open", "Open event streams of MCP clients.", streams()),
  counter("credentials_failed_total", "Wrong credentials.", access.failures),
  gauge("audit_writable", "1 while records can be written; nothing new runs otherwise.", audit.writable ? 1 : 0),
  gauge("uptime_seconds", "Time since the hub started.", Math.floor(process.uptime())),
  gauge("resident_memory_bytes", "Memory of the hub's process.", process.memoryUsage.rss()),
];

const gauge = (name: string, help: string, value: number): Metric => ({ name, help, type: "gauge", value });
const counter = (name: string, help: string, value: number): Metric => ({ name, help, type: "counter", value });
