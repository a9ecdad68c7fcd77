/** A call names its machine in its input, beside the fields of the tool; no runner sees that field. */
import { machineField, PaddockError } from "@paddock/contract";
import type { CallRequest } from "./runs.ts";

/** Throws invalid_input. */
export function byNamedMachine(request: CallRequest): CallRequest {
  const { input } = request;
  if (typeof input !== "object" || input === null || !Object.hasOwn(input, "machine")) return request;
  const { machine: named, ...rest } = input as Record<string, unknown>;
  const machine = machineField.safeParse(named);
  if (!machine.success) throw new PaddockError("invalid_input", "machine: the name or the id of a machine.");
  return { ...request, input: rest, machine: machine.data };
}
