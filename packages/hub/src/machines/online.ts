/** The machines that are there now, and those that come. */
import type { MachineId } from "@paddock/contract";
import type { Machines } from "./machine.ts";

export const onlineOf = (machines: Pick<Machines, "list">): number =>
  machines.list().filter(({ online }) => online).length;

/** Called whenever a machine that was not there is; returns how to stop. */
export function whenOneComes(machines: Pick<Machines, "onChange">, tell: () => void): () => void {
  const online = new Set<MachineId>();
  return machines.onChange((machine) => {
    const isNew = machine.online && !online.has(machine.id);
    if (machine.online) online.add(machine.id);
    else online.delete(machine.id);
    if (isNew) tell();
  });
}
