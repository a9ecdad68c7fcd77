/** How a call becomes a run: checked, then recorded, then sent. */
import { hash } from "node:crypto";
import type { AuditSink } from "@paddock/audit";
import {
  type Config,
  type MachineId,
  newId,
  noMachine,
  PaddockError,
  type Principal,
  type Tool,
} from "@paddock/contract";
import { chooseMachine, mayUse } from "../machines/choice.ts";
import type { LinkedMachine, Machines } from "../machines/machine.ts";
import { deadlineOf } from "./deadline.ts";
import { inputText } from "./input-text.ts";
import { newOpenRun, type OpenRun } from "./open-run.ts";
import type { CallRequest } from "./runs.ts";
import type { RunRow, RunStore } from "./store.ts";
import type { Tracker } from "./tracker.ts";
import { workspaceFor } from "./workspace.ts";

export interface OpeningParts {
  store: RunStore;
  machines: Pick<Machines, "find" | "list">;
  audit: AuditSink;
  config: Pick<
    Config,
    "answer_budget_seconds" | "command_timeout_seconds" | "approval_timeout_seconds" | "max_runs_per_caller"
  >;
}

/** A call that may become a run. */
export interface Checked {
  tool: Tool;
  request: CallRequest;
  /** Null for what the hub does itself. */
  machine: LinkedMachine | null;
  essence: Essence;
}

/** What a call comes down to: two calls with the same of these are the same call. */
interface Essence {
  inputJson: string;
  inputHash: string;
  workspace: string | undefined;
}

/** A client that starts calls without end must not fill the hub. */
const maxOpenRuns = 1_000;
const maxKeyLength = 200;

export class Opening {
  readonly #parts: OpeningParts;
  readonly #tracker: Tracker;

  constructor(parts: OpeningParts, tracker: Tracker) {
    this.#parts = parts;
    this.#tracker = tracker;
  }

  /** The run that the call's idempotency key names, if it was the same call. */
  earlier(tool: Tool, request: CallRequest): OpenRun | RunRow | null {
    const found = this.#findEarlier(request);
    if (!found) return null;
    if (!isSameCall(found, tool, essenceOf(request)) || !this.#isOn(found, request.machine)) {
      throw new PaddockError("idempotency_conflict", "The idempotency key was used for a different call.");
    }
    return this.#tracker.find(found.id) ?? found;
  }

  /** Throws what keeps the call from becoming a run. */
  check(tool: Tool, request: CallRequest): Checked {
    const essence = essenceOf(request);
    const { principal } = request;
    const machine = chooseMachine(this.#parts.machines, request.machine, (one) => mayUse(principal, one));
    if (!machine.online) throw new PaddockError("machine_offline", `The machine ${machine.name} is not connected.`);
    return { tool, request, machine, essence };
  }

  /** The same for what the hub does itself. */
  checkOwn = (tool: Tool, request: CallRequest): Checked => ({
    tool,
    request,
    machine: null,
    essence: essenceOf(request),
  });

  /** Throws too_many when there is no room for so many more runs of the principal. */
  mustHaveRoom({ id }: Principal, count: number): void {
    const { max_runs_per_caller: most } = this.#parts.config;
    const fits = (open: number, limit: number) => open + count <= limit;
    if (fits(this.#tracker.size, most)) return;
    if (fits(this.#tracker.size, maxOpenRuns) && fits(this.#tracker.countOf(id), most)) return;
    throw new PaddockError("too_many", "Too many runs have not ended yet.");
  }

  deadlineOf = (input: unknown, now: number): number => deadlineOf(input, now, this.#parts.config);

  /**
   * A run on record, followed and not yet sent. `hold` is for a batch and its calls: they end with that at the latest, and
   * whoever records several has looked before whether they can be.
   */
  record({ tool, request, machine, essence }: Checked, hold?: { deadline: number }): OpenRun {
    const { inputJson, inputHash, workspace } = essence;
    const { principal, idempotencyKey = null } = request;
    const createdAt = Date.now();
    const deadline = hold?.deadline ?? this.deadlineOf(request.input, createdAt);
    const id = newId("run");
    if (!hold) this.#parts.audit.mustBeWritable();
    const where: MachineId = machine?.id ?? noMachine;
    const common = { id, machine: where, tool: tool.name, createdAt, deadline };
    const keep = tool.effect !== "reads" || idempotencyKey !== null || hold !== undefined;
    const { id: principalId, surface } = principal;
    const row = { ...common, principal: principalId, surface, workspace: workspace ?? null, inputHash, idempotencyKey };
    this.#parts.store.insert(row, keep && !hold ? "now" : "soon");
    const call = {
      run: id,
      tool: tool.name,
      principal,
      deadline,
      inputJson,
      ...(workspace === undefined ? {} : { workspace }),
      ...(hold ? { hold: true } : {}),
      ...(request.onStream ? { onStream: request.onStream } : {}),
    };
    const own = { call: machine ? call : null, keep, recorded: true };
    const run = newOpenRun({ ...common, effect: tool.effect, principal: principalId, ...own });
    run.awaitsWord = hold !== undefined;
    this.#tracker.follow(run);
    const name = machine ? { machine: machine.name } : {};
    const who = { principal: principalId, surface, ...name };
    this.#parts.audit.write({ event: "call.received", run: id, ...who, tool: tool.name });
    return run;
  }

  /** Whether a run is on the machine that is named, if one is. */
  #isOn(run: RunRow, machine: string | undefined): boolean {
    return machine === undefined || this.#parts.machines.find(machine)?.id === run.machine;
  }

  #findEarlier({ principal, idempotencyKey: key }: CallRequest): RunRow | null {
    if (key === undefined) return null;
    if (key.length === 0 || key.length > maxKeyLength) {
      throw new PaddockError("invalid_input", `An idempotency key has 1 to ${maxKeyLength} characters.`);
    }
    return this.#parts.store.findByKey(principal.id, key);
  }
}

function essenceOf({ input, principal, workspace }: CallRequest): Essence {
  const inputJson = inputText(input);
  return { inputJson, inputHash: hash("sha256", inputJson), workspace: workspaceFor(principal, workspace) };
}

const isSameCall = (row: RunRow, tool: Tool, { inputHash, workspace }: Essence): boolean =>
  row.tool === tool.name && row.input_hash === inputHash && row.workspace === (workspace ?? null);
