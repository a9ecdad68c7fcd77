/** The machines that belong to this hub. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import type { Shown } from "../shown.ts";
import { type MachineRecord, shownMachines } from "./shown-machines.ts";

export async function run({ places }: CommandContext): Promise<Shown> {
  const { machines } = await control<{ machines: MachineRecord[] }>({ socket: places.hubControl, path: "/machines" });
  return shownMachines(machines);
}
