/** Asks a run to end. It ends as cancelled, or as what it had become by then. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { printable, type Shown } from "../shown.ts";

export async function run({ places, args: [id = ""] }: CommandContext): Promise<Shown> {
  const path = `/runs/${encodeURIComponent(id)}/cancel`;
  const answer = await control<unknown>({ socket: places.hubControl, method: "POST", path });
  return { json: answer, text: `Asked ${printable(id)} to end; see \`paddock run show ${printable(id)}\`.` };
}
