/** Checks the chains of both audit logs, the machine's and the hub's. */
import { PaddockError } from "@paddock/contract/errors";
import type { CommandContext } from "../command.ts";
import { control, whenRunning } from "../control/request.ts";
import { paint, type Shown } from "../shown.ts";

interface Verification {
  ok: boolean;
  records: number;
  fault: { file?: string; line: number; reason: string } | null;
}

export async function run({ places }: CommandContext): Promise<Shown> {
  const logs = { runner: await verify(places.runnerControl), hub: await verify(places.hubControl) };
  if (logs.runner === null && logs.hub === null) {
    throw new PaddockError("not_running", "Paddock does not run here, so no audit log was checked.");
  }
  const ok = Object.values(logs).every((log) => log === null || log.ok);
  const text = Object.entries(logs).map(([name, log]) => line(name, log));
  return { json: { ok, ...logs }, text: text.join("\n"), exitCode: ok ? 0 : 1 };
}

const verify = (socket: string): Promise<Verification | null> =>
  whenRunning(control<Verification>({ socket, method: "POST", path: "/audit/verify" }));

function line(name: string, log: Verification | null): string {
  if (log === null) return `${name}: not running, not checked`;
  if (log.fault === null) return `${name}: ${paint("32", "ok")}, ${log.records} records`;
  return `${name}: ${paint("31", "broken")} at ${log.fault.file ?? "line"} ${log.fault.line} (${log.fault.reason})`;
}
