/** Ends what a client may do. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { printable, type Shown } from "../shown.ts";
import type { Consent } from "./known.ts";

export async function run({ places, args: [id = ""] }: CommandContext): Promise<Shown> {
  const ended = await control<{ removed: boolean; consents: Consent[] }>({
    socket: places.hubControl,
    method: "DELETE",
    path: `/clients/${encodeURIComponent(id)}`,
  });
  const names = ended.consents.map(({ name }) => printable(name)).join(", ");
  const forgotten = ended.removed ? "The client itself is forgotten." : "";
  return { json: ended, text: [names && `Ended: ${names}.`, forgotten].filter(Boolean).join(" ") };
}
