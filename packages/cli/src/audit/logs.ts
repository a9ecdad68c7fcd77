/** The audit logs of this installation. They are read from their files, so that they can be looked at while nothing runs. */
import { join } from "node:path";
import { headsReceived, isAuditLog, type Verification, verifyLog } from "@paddock/audit";
import type { ChainHead } from "@paddock/contract";
import { control, whenRunning } from "../control/request.ts";
import type { Places } from "../home.ts";

export const logNames = ["runner", "hub"] as const;
export type LogName = (typeof logNames)[number];

export const folderOf = ({ home }: Places, name: LogName): string => join(home, name);
export const controlOf = (places: Places, name: LogName): string =>
  name === "hub" ? places.hubControl : places.runnerControl;
const otherThan = (name: LogName): LogName => (name === "hub" ? "runner" : "hub");

/** The logs that were ever begun here. */
export const logsOf = (places: Places): LogName[] => logNames.filter((name) => isAuditLog(folderOf(places, name)));

/** Null for a log that was never begun. Each is compared with its running writer, if there is one, and with the other log. */
export async function verifyLogs(places: Places): Promise<Record<LogName, Verification | null>> {
  const [runner, hub] = await Promise.all(logNames.map((name) => verify(places, name)));
  return { runner: runner ?? null, hub: hub ?? null };
}

async function verify(places: Places, name: LogName): Promise<Verification | null> {
  const folder = folderOf(places, name);
  if (!isAuditLog(folder)) return null;
  const running = await whenRunning(control<ChainHead>({ socket: controlOf(places, name), path: "/audit/head" }));
  const other = otherThan(name);
  return verifyLog(folder, [
    { who: `the running ${name}`, heads: running ? [running] : [] },
    { who: `the ${other}'s log`, heads: headsReceived(folderOf(places, other)) },
  ]);
}
