/** Ends a token at once. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { printable, type Shown } from "../shown.ts";

export async function run({ places, args: [id = ""] }: CommandContext): Promise<Shown> {
  const path = `/tokens/${encodeURIComponent(id)}`;
  const revoked = await control<unknown>({ socket: places.hubControl, method: "DELETE", path });
  return { json: revoked, text: `Revoked ${printable(id)}: it is refused from now on.` };
}
