/** One run: what the hub knows of it, and its answer. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { localTime, printable, type Shown } from "../shown.ts";

export async function run({ places, args: [id = ""] }: CommandContext): Promise<Shown> {
  const found = await control<Record<string, unknown>>({
    socket: places.hubControl,
    path: `/runs/${encodeURIComponent(id)}`,
  });
  const lines = Object.entries(found)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key.padEnd(14)}  ${wordsOf(value)}`);
  return { json: found, text: lines.join("\n") };
}

/** Moments in local time, objects as JSON. */
function wordsOf(value: unknown): string {
  if (typeof value !== "string") return printable(JSON.stringify(value, null, 2));
  return /^\d{4}-\d\d-\d\dT/.test(value) ? localTime(value) : printable(value);
}
