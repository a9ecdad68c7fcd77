/** What a run has printed is asked where it runs: on its machine and in its workspace, whichever the caller would work in. */
import { noMachine, PaddockError, type RunId, runId } from "@paddock/contract";
import type { Machines } from "../machines/machine.ts";
import type { CallRequest } from "./runs.ts";
import type { RunRow } from "./store.ts";

export interface OutputParts {
  machines: Pick<Machines, "find">;
  find(run: RunId): RunRow | null;
}

/** Leaves a call about a process as it is. Throws run_not_found, also for a run of another principal or another machine than is named. */
export function whereItRuns(request: CallRequest, { machines, find }: OutputParts): CallRequest {
  const { input, principal, machine } = request;
  const named = typeof input === "object" && input !== null && "id" in input ? runId.safeParse(input.id) : null;
  if (!named?.success) return request;
  const run = find(named.data);
  const isElsewhere = machine !== undefined && machines.find(machine)?.id !== run?.machine;
  if (run?.principal !== principal.id || isElsewhere) {
    throw new PaddockError("run_not_found", `There is no run ${named.data}.`);
  }
  if (run.machine === noMachine) {
    throw new PaddockError("invalid_input", `id: ${run.id} is a batch.`, "Ask about one of its calls.");
  }
  return { ...request, machine: run.machine, ...(run.workspace === null ? {} : { workspace: run.workspace }) };
}
