/** Puts on record that the owner has seen what is wrong with the audit logs. The faults stay in the list, as accepted. */
import { type Fault, faultName } from "@paddock/audit";
import { controlOf, logNames, verifyLogs } from "../audit/logs.ts";
import { type CommandContext, textOption } from "../command.ts";
import { control } from "../control/request.ts";
import type { Shown } from "../shown.ts";

export async function run({ places, options }: CommandContext): Promise<Shown> {
  const reason = textOption(options, "reason");
  const logs = await verifyLogs(places);
  const accepted: { log: string; faults: Fault[] }[] = [];
  for (const log of logNames) {
    const faults = logs[log]?.faults ?? [];
    if (faults.length === 0) continue;
    const body = { faults: [...new Set(faults.map(faultName))], ...(reason === undefined ? {} : { reason }) };
    await control({ socket: controlOf(places, log), method: "POST", path: "/audit/accept", body });
    accepted.push({ log, faults });
  }
  const text = accepted.map(({ log, faults }) => `${log}: ${faults.length} accepted`).join("\n");
  return { json: { accepted }, text: text || "There is nothing to accept." };
}
