/** The latest records of both audit logs, the machine's and the hub's, in the order of time. */
import { type AuditRecord, PaddockError } from "@paddock/contract";
import { type CommandContext, textOption } from "../command.ts";
import { control, whenRunning } from "../control/request.ts";
import { type Shown, table } from "../shown.ts";

type Shelf = "hub" | "runner";

export async function run({ places, options }: CommandContext): Promise<Shown> {
  const asked = Number(textOption(options, "lines") ?? 20);
  const count = Number.isInteger(asked) && asked > 0 ? asked : 20;
  const [runner, hub] = await Promise.all([
    recordsOf("runner", places.runnerControl, count),
    recordsOf("hub", places.hubControl, count),
  ]);
  if (runner === null && hub === null) throw new PaddockError("not_running", "Paddock does not run here.");
  const records = [...(runner ?? []), ...(hub ?? [])].sort((a, b) => (a.at < b.at ? -1 : 1)).slice(-count);
  return { json: records, text: table(["TIME", "LOG", "EVENT", "WHO", "TOOL", "STATE", "DETAIL"], records.map(rowOf)) };
}

/** Null when that part does not run. */
async function recordsOf(log: Shelf, socket: string, count: number): Promise<(AuditRecord & { log: Shelf })[] | null> {
  const answer = await whenRunning(control<{ records: AuditRecord[] }>({ socket, path: `/audit?tail=${count}` }));
  return answer?.records.map((record) => ({ log, ...record })) ?? null;
}

function rowOf({
  log,
  at,
  event,
  principal,
  surface,
  tool,
  state,
  code,
  verdict,
  exitCode,
  input,
  detail,
}: AuditRecord & { log: Shelf }): string[] {
  const facts = [
    code,
    verdict === "ask" ? "asked" : undefined,
    typeof exitCode === "number" ? `exit ${exitCode}` : undefined,
    input === undefined ? undefined : JSON.stringify(input).slice(0, 80),
    detail === undefined ? undefined : JSON.stringify(detail).slice(0, 80),
  ];
  const who = principal === undefined ? "" : `${principal.slice(0, 12)} (${surface ?? ""})`;
  return [at.slice(0, 19).replace("T", " "), log, event, who, tool ?? "", state ?? "", facts.filter(Boolean).join(" ")];
}
