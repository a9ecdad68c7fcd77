/** Which machine a call is for. */
import { PaddockError, type Principal } from "@paddock/contract";
import type { ToolContext } from "../access/toolsets.ts";
import type { LinkedMachine, Machine, MachineIdentity, Machines } from "./machine.ts";

const shownNames = 20;

/** Whether a principal may use a machine at all. */
export const mayUse = ({ machines }: Pick<Principal, "machines">, { id }: Pick<MachineIdentity, "id">): boolean =>
  machines === undefined || machines.includes(id);

/** Those that a principal can call tools on, whether or not they are there just now. */
export const usableBy = (principal: Principal, machines: Pick<Machines, "list">): LinkedMachine[] =>
  machines.list().filter((machine) => !machine.disabled && mayUse(principal, machine));

/** What a principal is shown where no machine is named; null where it may use none. */
export function standardFor(principal: Principal, machines: Pick<Machines, "list" | "standard">): Machine | null {
  const { standard } = machines;
  return mayUse(principal, standard) ? standard : (usableBy(principal, machines)[0] ?? null);
}

/** What the list of tools of a principal depends on. */
export function toolContext(principal: Principal, machines: Pick<Machines, "list">): ToolContext {
  const usable = usableBy(principal, machines);
  return { bridged: usable.some(({ about }) => about?.bridged), machines: usable.length };
}

/**
 * The machine of that name or id among those that may be used; without a name the only one there is.
 * Throws machine_not_found, machine_required, machine_disabled and, when there is none at all, machine_offline.
 */
export function chooseMachine(
  machines: Pick<Machines, "list">,
  name: string | undefined,
  may: (machine: LinkedMachine) => boolean = () => true,
): LinkedMachine {
  const usable = machines.list().filter(may);
  if (name !== undefined) return named(usable, name);
  const enabled = usable.filter(({ disabled }) => !disabled);
  const [only] = enabled;
  if (only && enabled.length === 1) return only;
  if (!only) throw new PaddockError("machine_offline", "No machine is connected.");
  const names = enabled.slice(0, shownNames).map((machine) => machine.name);
  throw new PaddockError("machine_required", `Say which machine is meant: ${names.join(", ")}.`);
}

function named(usable: readonly LinkedMachine[], name: string): LinkedMachine {
  const machine = usable.find((one) => one.id === name) ?? usable.find((one) => one.name === name);
  if (!machine)
    throw new PaddockError("machine_not_found", `There is no machine ${JSON.stringify(name.slice(0, 64))}.`);
  if (machine.disabled) throw new PaddockError("machine_disabled", `The machine ${machine.name} is disabled.`);
  return machine;
}
