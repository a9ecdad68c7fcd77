/** Has the hub make another key for itself. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { dim, type Shown } from "../shown.ts";

interface Rotated {
  fingerprint: string;
  codes: number;
}

export async function run({ places }: CommandContext): Promise<Shown> {
  const path = "/machines/hub/replace-key";
  const rotated = await control<Rotated>({ socket: places.hubControl, method: "POST", path });
  const text = [
    `The hub has another key, ${rotated.fingerprint}. Machines follow: those that are linked now, others when they come.`,
    ...(rotated.codes > 0 ? [`Join codes that were not used count no more: ${rotated.codes}. Make new ones.`] : []),
    dim("Until a machine has followed, whoever has the former key could be the hub to it."),
  ].join("\n");
  return { json: rotated, text };
}
