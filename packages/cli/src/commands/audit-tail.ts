/** The latest records of both audit logs, the machine's and the hub's, in the order of time. */
import { type AuditRecord, PaddockError } from "@paddock/contract";
import { type CommandContext, countOption } from "../command.ts";
import { callerNames } from "../control/caller-names.ts";
import { control, whenRunning } from "../control/request.ts";
import { localTime, type Shown, shortened, table } from "../shown.ts";

type LogName = "hub" | "runner";
type LoggedRecord = AuditRecord & { log: LogName };

const detailLength = 100;

export async function run({ places, options }: CommandContext): Promise<Shown> {
  const count = countOption(options, "lines", { min: 1, max: 1000 }) ?? 20;
  const [runner, hub, nameOf] = await Promise.all([
    recordsOf("runner", places.runnerControl, count),
    recordsOf("hub", places.hubControl, count),
    callerNames(places),
  ]);
  if (runner === null && hub === null) throw new PaddockError("not_running", "Paddock does not run here.");
  const records = [...(runner ?? []), ...(hub ?? [])].sort((a, b) => (a.at < b.at ? -1 : 1)).slice(-count);
  const rows = records.map((record) => rowOf(record, nameOf));
  return { json: records, text: table(["TIME", "LOG", "EVENT", "WHO", "TOOL", "STATE", "DETAIL"], rows) };
}

/** Null when that part does not run. */
async function recordsOf(log: LogName, socket: string, count: number): Promise<LoggedRecord[] | null> {
  const answer = await whenRunning(control<{ records: AuditRecord[] }>({ socket, path: `/audit?tail=${count}` }));
  return answer?.records.map((record) => ({ log, ...record })) ?? null;
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
