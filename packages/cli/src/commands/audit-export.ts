/** Prints the records of both audit logs as JSON lines. Reads and writes piece by piece, so that a log may be of any size. */
import { once } from "node:events";
import type { AuditRecord } from "@paddock/contract";
import { PaddockError } from "@paddock/contract/errors";
import { folderOf, logsOf } from "../audit/logs.ts";
import { mergedRecords } from "../audit/merged.ts";
import { momentOption } from "../audit/moment.ts";
import { type CommandContext, textOption } from "../command.ts";

const pieceLength = 64 * 1024;

export async function run({ places, options }: CommandContext): Promise<undefined> {
  const logs = logsOf(places);
  if (logs.length === 0) throw new PaddockError("not_running", "Paddock never ran here: there is nothing to export.");
  const isWanted = wish(options);
  let piece = "";
  for (const record of mergedRecords(logs.map((log) => ({ log, folder: folderOf(places, log) })))) {
    if (!isWanted(record)) continue;
    piece += `${JSON.stringify(record)}\n`;
    if (piece.length < pieceLength) continue;
    await print(piece);
    piece = "";
  }
  await print(piece);
}

/** Which records the options ask for. */
function wish(options: CommandContext["options"]): (record: AuditRecord) => boolean {
  const now = Date.now();
  const since = momentOption(options, "since", now) ?? "";
  const until = momentOption(options, "until", now) ?? "9";
  const run = textOption(options, "run");
  const principal = textOption(options, "principal");
  return (record) =>
    record.at >= since &&
    record.at < until &&
    (run === undefined || record.run === run) &&
    (principal === undefined || record.principal === principal);
}

async function print(text: string): Promise<void> {
  if (text !== "" && !process.stdout.write(text)) await once(process.stdout, "drain");
}
