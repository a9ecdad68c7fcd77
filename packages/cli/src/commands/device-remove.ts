/** Takes a device its say. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { printable, type Shown } from "../shown.ts";

export async function run({ places, args: [id = ""] }: CommandContext): Promise<Shown> {
  const path = `/devices/${encodeURIComponent(id)}`;
  const gone = await control<{ name: string }>({ socket: places.runnerControl, method: "DELETE", path });
  return { json: gone, text: `Removed ${printable(gone.name)}: what it signs counts for nothing any more.` };
}
