/** Has a machine make another key. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { printable, type Shown } from "../shown.ts";
import { type MachineRecord, pathOf } from "./shown-machines.ts";

export async function run({ places, args: [name = ""] }: CommandContext): Promise<Shown> {
  const path = `${pathOf(name)}/rotate-key`;
  const machine = await control<MachineRecord>({ socket: places.hubControl, method: "POST", path });
  return { json: machine, text: `${printable(machine.name)} has another key. The one before counts no more.` };
}
