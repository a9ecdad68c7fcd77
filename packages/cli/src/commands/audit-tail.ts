/** The latest records of both audit logs, the machine's and the hub's, in the order of time. */
import { lastRecords } from "@paddock/audit";
import { type AuditRecord, PaddockError } from "@paddock/contract";
import { folderOf, logsOf } from "../audit/logs.ts";
import type { LoggedRecord } from "../audit/merged.ts";
import { type CommandContext, countOption } from "../command.ts";
import { callerNames } from "../control/caller-names.ts";
import { localTime, type Shown, shortened, table } from "../shown.ts";

const detailLength = 100;

export async function run({ places, options }: CommandContext): Promise<Shown> {
  const count = countOption(options, "lines", { min: 1, max: 1000 }) ?? 20;
  const logs = logsOf(places);
  if (logs.length === 0) throw new PaddockError("not_running", "Paddock does not run here.");
  const nameOf = await callerNames(places);
  const found = logs.flatMap((log) => lastRecords(folderOf(places, log), count).map((record) => ({ log, ...record })));
  const records = found.sort((a, b) => (a.at < b.at ? -1 : 1)).slice(-count);
  const rows = records.map((record) => rowOf(record, nameOf));
  return { json: records, text: table(["TIME", "LOG", "EVENT", "WHO", "TOOL", "STATE", "DETAIL"], rows) };
}

function rowOf(record: LoggedRecord, nameOf: (principal: string) => string): string[] {
  const { log, at, event, principal, surface, tool = "", state = "" } = record;
  const who = principal === undefined ? "" : `${nameOf(principal)} (${surface ?? ""})`;
  return [localTime(at), log, event, who, tool, state, shortened(detailOf(record), detailLength)];
}

function detailOf({ code, verdict, exitCode, input, detail }: AuditRecord): string {
  const facts = [
    code,
    verdict === "ask" ? "asked" : undefined,
    typeof exitCode === "number" ? `exit ${exitCode}` : undefined,
    input === undefined ? undefined : JSON.stringify(input),
    detail === undefined ? undefined : JSON.stringify(detail),
  ];
  return facts.filter(Boolean).join(" ");
}
