/** One run: what the hub knows of it, and its answer. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { printable, type Shown } from "../shown.ts";

export async function run({ places, args: [id = ""] }: CommandContext): Promise<Shown> {
  const found = await control<Record<string, unknown>>({
    socket: places.hubControl,
    path: `/runs/${encodeURIComponent(id)}`,
  });
  const lines = Object.entries(found).map(
    ([key, value]) => `${key}: ${printable(typeof value === "string" ? value : JSON.stringify(value, null, 2))}`,
  );
  return { json: found, text: lines.join("\n") };
}
