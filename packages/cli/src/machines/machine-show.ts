/** One machine. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import type { Shown } from "../shown.ts";
import { type MachineRecord, pathOf, shownMachine } from "./shown-machines.ts";

export async function run({ places, args: [name = ""] }: CommandContext): Promise<Shown> {
  return shownMachine(await control<MachineRecord>({ socket: places.hubControl, path: pathOf(name) }));
}
