/** Forgets a machine. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { printable, type Shown } from "../shown.ts";
import { type MachineRecord, pathOf } from "./shown-machines.ts";

export async function run({ places, args: [name = ""] }: CommandContext): Promise<Shown> {
  const removed = await control<MachineRecord>({ socket: places.hubControl, method: "DELETE", path: pathOf(name) });
  return { json: removed, text: `Removed ${printable(removed.name)}. It can join again with a new code only.` };
}
