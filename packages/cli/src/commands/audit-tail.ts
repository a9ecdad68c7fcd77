/** The latest records of the machine's audit log. */
import type { AuditRecord } from "@paddock/contract";
import { type CommandContext, textOption } from "../command.ts";
import { control } from "../control/request.ts";
import { type Shown, table } from "../shown.ts";

export async function run({ places, options }: CommandContext): Promise<Shown> {
  const lines = Number(textOption(options, "lines") ?? 20);
  const path = `/audit?tail=${Number.isInteger(lines) && lines > 0 ? lines : 20}`;
  const { records } = await control<{ records: AuditRecord[] }>({ socket: places.runnerControl, path });
  return { json: records, text: table(["TIME", "EVENT", "WHO", "TOOL", "STATE", "DETAIL"], records.map(rowOf)) };
}

function rowOf({
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
}: AuditRecord): string[] {
  const facts = [
    code,
    verdict === "ask" ? "asked" : undefined,
    typeof exitCode === "number" ? `exit ${exitCode}` : undefined,
    input === undefined ? undefined : JSON.stringify(input).slice(0, 80),
    detail === undefined ? undefined : JSON.stringify(detail).slice(0, 80),
  ];
  const who = principal === undefined ? "" : `${principal.slice(0, 12)} (${surface ?? ""})`;
  return [at.slice(0, 19).replace("T", " "), event, who, tool ?? "", state ?? "", facts.filter(Boolean).join(" ")];
}
