/** Takes back an answer that held for some minutes. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { printable, type Shown } from "../shown.ts";

export async function run({ places, args: [id = ""] }: CommandContext): Promise<Shown> {
  const path = `/grants/${encodeURIComponent(id)}`;
  const gone = await control<unknown>({ socket: places.runnerControl, method: "DELETE", path });
  return { json: gone, text: `Revoked ${printable(id)}: it is asked about again.` };
}
