/** Checks both audit logs, the machine's and the hub's: their chains, and what each remembers of the other. */
import type { Fault, Verification } from "@paddock/audit";
import { PaddockError } from "@paddock/contract/errors";
import { logNames, verifyLogs } from "../audit/logs.ts";
import type { CommandContext } from "../command.ts";
import { paint, type Shown } from "../shown.ts";

export async function run({ places, options }: CommandContext): Promise<Shown> {
  const brought = Array.isArray(options.witness) ? options.witness.map(String) : [];
  const logs = await verifyLogs(places, brought);
  if (logNames.every((name) => logs[name] === null)) {
    throw new PaddockError("not_running", "Paddock never ran here: no audit log was checked.");
  }
  const ok = logNames.every((name) => logs[name]?.ok ?? true);
  const text = logNames.flatMap((name) => lines(name, logs[name]));
  return { json: { ok, ...logs }, text: text.join("\n"), exitCode: ok ? 0 : 1 };
}

function lines(name: string, log: Verification | null): string[] {
  if (log === null) return [`${name}: nothing was ever recorded`];
  const { ok, records, unsigned, faults, accepted } = log;
  const notes = [
    ...(unsigned > 0 ? [`the last ${unsigned} are not signed yet`] : []),
    ...(accepted.length > 0 ? [`${accepted.length} faults were accepted`] : []),
  ];
  const verdict = ok ? paint("32", "ok") : paint("31", "broken");
  return [[`${name}: ${verdict}, ${records} records`, ...notes].join(", "), ...faults.map(faultLine)];
}

const faultLine = ({ reason, seq, file, line, says }: Fault): string =>
  `  record ${seq}, ${file}${line > 0 ? `, line ${line}` : ""}: ${reason}${says ? ` (${says})` : ""}`;
