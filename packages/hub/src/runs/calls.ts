/** Calls and their runs: checked, recorded, sent, waited for. Every surface comes through here. */
import { hash } from "node:crypto";
import type { AuditSink } from "@paddock/audit";
import {
  type Config,
  type ErrorCode,
  isTerminal,
  newId,
  PaddockError,
  type Principal,
  parseInput,
  type RunId,
  type Tool,
} from "@paddock/contract";
import { errandTools, findTool, isHubToolName, tools } from "@paddock/contract/tools";
import type { Access } from "../access/access.ts";
import { chooseMachine, mayUse, standardFor, usableBy } from "../machines/choice.ts";
import type { LinkedMachine, Machines } from "../machines/machine.ts";
import { serversOfAll } from "./all-machines.ts";
import { refusal, unfinishedAnswer } from "./answers.ts";
import { deadlineOf } from "./deadline.ts";
import { answerInHub } from "./hub-tools.ts";
import { inputText } from "./input-text.ts";
import { byNamedMachine } from "./named-machine.ts";
import { newOpenRun, type OpenRun, waitFor } from "./open-run.ts";
import { byOwnName } from "./own-names.ts";
import type { Answer, CallRequest, Runs } from "./runs.ts";
import type { RunPage, RunRow, RunStore } from "./store.ts";
import { openTracker, type Tracker, type TrackerParts } from "./tracker.ts";
import { startTransfer } from "./transfer.ts";
import { workspaceFor } from "./workspace.ts";

export interface RunsParts extends TrackerParts {
  access: Pick<Access, "mayCall">;
  machines: Pick<Machines, "find" | "list" | "listen" | "standard">;
  audit: AuditSink;
  /** Told of each call that never became a run. */
  onRefused(code: ErrorCode): void;
  config: Pick<
    Config,
    "answer_budget_seconds" | "command_timeout_seconds" | "approval_timeout_seconds" | "max_runs_per_caller"
  >;
}

export interface OpenRuns extends Runs {
  /** Runs that have not ended. */
  readonly open: number;
}

export const openRuns = (parts: RunsParts): OpenRuns => new Calls(parts);

/** A client that starts calls without end must not fill the hub. */
const maxOpenRuns = 1_000;
const maxKeyLength = 200;
/** A machine that takes longer to say what it has does not keep the others waiting. */
const longestListingSeconds = 10;

/** What a call comes down to: two calls with the same of these are the same call. */
interface Essence {
  inputJson: string;
  inputHash: string;
  workspace: string | undefined;
}

class Calls implements OpenRuns {
  readonly #parts: RunsParts;
  readonly #store: RunStore;
  readonly #machines: RunsParts["machines"];
  readonly #tracker: Tracker;

  constructor(parts: RunsParts) {
    this.#parts = parts;
    this.#store = parts.store;
    this.#machines = parts.machines;
    this.#tracker = openTracker(parts);
  }

  get open(): number {
    return this.#tracker.size;
  }

  async call(asked: CallRequest): Promise<Answer> {
    let request = byOwnName(asked, standardFor(asked.principal, this.#machines));
    try {
      const tool = this.#parts.access.mayCall(request.principal, request.tool);
      if (isHubToolName(tool.name)) {
        return await answerInHub(tool.name, request, {
          runs: this,
          machines: this.#machines,
          audit: this.#parts.audit,
        });
      }
      if (tool.name === tools.transfer_file.name) return await this.#answerFor(this.#transfer(request), request);
      request = byNamedMachine(request);
      if (tool.name === tools.mcp_servers.name && !request.machine) return await this.#servers(request);
      return await this.#answerFor(this.#start(tool, request), request);
    } catch (error) {
      if (!(error instanceof PaddockError)) throw error;
      return refusal(request.tool, this.#onRecord(request, error));
    }
  }

  /** A key names one run, and these only read. */
  async #servers({ idempotencyKey, onRun, ...request }: CallRequest): Promise<Answer> {
    const { mcp_servers: tool } = tools;
    const all = usableBy(request.principal, this.#machines);
    const ask = (more: Partial<CallRequest>) => {
      const one = { ...request, ...more };
      return this.#answerFor(this.#start(tool, one), one);
    };
    const budgetSeconds = longestListingSeconds;
    if (all.length > 1) return await serversOfAll(all, ({ id }) => ask({ machine: id, budgetSeconds }));
    return await ask({ ...(idempotencyKey === undefined ? {} : { idempotencyKey }), ...(onRun ? { onRun } : {}) });
  }

  async #answerFor(run: OpenRun | RunRow, { onRun, budgetSeconds, signal }: CallRequest): Promise<Answer> {
    if (!("waiters" in run)) return this.#answerOf(run);
    onRun?.(run.id);
    const { answer_budget_seconds: most } = this.#parts.config;
    return await waitFor(run, Math.min(most, budgetSeconds ?? most) * 1000, signal);
  }

  async get(principal: Principal, id: RunId, waitSeconds: number, signal?: AbortSignal): Promise<Answer> {
    const run = this.#ownRun(principal, id) ?? this.#askAfter(principal, id);
    if (!("waiters" in run)) return this.#answerOf(run);
    if (waitSeconds === 0 && run.recorded) return unfinishedAnswer(run.tool, id, run.state);
    try {
      return await waitFor(run, Math.max(waitSeconds, 1) * 1000, signal);
    } finally {
      this.#tracker.release(run);
    }
  }

  list({ id }: Principal, page: RunPage): RunRow[] {
    return this.#store.listOf(id, page);
  }

  async cancel(principal: Principal, id: RunId): Promise<void> {
    const run = this.#ownRun(principal, id);
    if (!run) throw notFound(id);
    if (isTerminal(run.state)) return;
    this.#parts.audit.write({ event: "run.cancelled", run: id, principal: principal.id, surface: principal.surface });
    if (!this.#machines.find(run.machine)?.cancel(id))
      throw new PaddockError("machine_offline", "The machine is not connected, so nothing can be stopped now.");
  }

  /** The run on the machine that the file comes to. */
  #transfer(request: CallRequest): OpenRun | RunRow {
    const input = parseInput(tools.transfer_file, request.input);
    const { principal } = request;
    const chosen = (name: string | undefined) => chooseMachine(this.#machines, name, (one) => mayUse(principal, one));
    const [from, to] = [chosen(input.from_machine), chosen(input.to_machine)];
    const { idempotencyKey: _, workspace: __, onRun: ___, ...errand } = request;
    // The machine is named by its id: what has arrived of a file is found again by where it comes from.
    const receiving = { ...request, machine: to.id, input: { ...input, from_machine: from.id } };
    return startTransfer(input, {
      receive: (onStream) => this.#start(tools.transfer_file, { ...receiving, onStream }),
      send: (sent, onStream) =>
        this.#start(errandTools.send_file, { ...errand, machine: from.id, input: sent, onStream }) as OpenRun,
      cancel: (run) => void this.#machines.find(run.machine)?.cancel(run.id),
    });
  }

  /** A new run, or the one that the idempotency key names. */
  #start(tool: Tool, request: CallRequest): OpenRun | RunRow {
    const inputJson = inputText(request.input);
    const essence = {
      inputJson,
      inputHash: hash("sha256", inputJson),
      workspace: workspaceFor(request.principal, request.workspace),
    };
    const earlier = this.#findEarlier(request);
    if (earlier) {
      if (!isSameCall(earlier, tool, essence) || !this.#isOn(earlier, request.machine)) {
        throw new PaddockError("idempotency_conflict", "The idempotency key was used for a different call.");
      }
      return this.#tracker.find(earlier.id) ?? earlier;
    }
    const { principal } = request;
    const machine = chooseMachine(this.#machines, request.machine, (one) => mayUse(principal, one));
    if (!machine.online) throw new PaddockError("machine_offline", `The machine ${machine.name} is not connected.`);
    if (!this.#hasRoomFor(request.principal)) throw new PaddockError("too_many", "Too many runs have not ended yet.");
    return this.#send(tool, request, machine, essence);
  }

  /** Whether a run is on the machine that is named, if one is. */
  #isOn(run: RunRow, machine: string | undefined): boolean {
    return machine === undefined || this.#machines.find(machine)?.id === run.machine;
  }

  #hasRoomFor({ id }: Principal): boolean {
    const { max_runs_per_caller: most } = this.#parts.config;
    return this.open < most || (this.open < maxOpenRuns && this.#tracker.countOf(id) < most);
  }

  #findEarlier({ principal, idempotencyKey: key }: CallRequest): RunRow | null {
    if (key === undefined) return null;
    if (key.length === 0 || key.length > maxKeyLength) {
      throw new PaddockError("invalid_input", `An idempotency key has 1 to ${maxKeyLength} characters.`);
    }
    return this.#store.findByKey(principal.id, key);
  }

  #send(tool: Tool, request: CallRequest, machine: LinkedMachine, essence: Essence): OpenRun {
    const { inputJson, inputHash, workspace } = essence;
    const { principal, idempotencyKey = null } = request;
    const createdAt = Date.now();
    const deadline = deadlineOf(request.input, createdAt, this.#parts.config);
    const id = newId("run");
    this.#parts.audit.mustBeWritable();
    const common = { id, machine: machine.id, tool: tool.name, createdAt, deadline };
    const keep = tool.effect !== "reads" || idempotencyKey !== null;
    const { id: principalId, surface } = principal;
    const row = { ...common, principal: principalId, surface, workspace: workspace ?? null, inputHash, idempotencyKey };
    this.#store.insert(row, keep ? "now" : "soon");
    const call = {
      run: id,
      tool: tool.name,
      principal,
      deadline,
      inputJson,
      ...(workspace === undefined ? {} : { workspace }),
      ...(request.onStream ? { onStream: request.onStream } : {}),
    };
    const run = newOpenRun({ ...common, effect: tool.effect, principal: principal.id, call, keep, recorded: true });
    this.#tracker.follow(run);
    this.#parts.audit.write({
      event: "call.received",
      run: id,
      principal: principalId,
      surface,
      machine: machine.name,
      tool: tool.name,
    });
    machine.call(call);
    return run;
  }

  /** What a run that has ended left behind. */
  #answerOf(row: RunRow): Answer {
    const result = this.#store.result(row.id);
    if (!result) {
      const only = findTool(row.tool)?.effect === "reads";
      const nextStep = only ? "Call the tool again; it only read." : "Look at what it did before you call again.";
      throw new PaddockError("run_not_found", `The run is ${row.state}; its answer is not kept any more.`, nextStep);
    }
    return { run: row.id, state: row.state, ok: row.ok === 1, ...result };
  }

  /** Another principal's run looks like no run at all. */
  #ownRun(principal: Principal, id: RunId): OpenRun | RunRow | null {
    const found = this.#tracker.find(id) ?? this.#store.find(id);
    if (found && found.principal !== principal.id) throw notFound(id);
    return found;
  }

  /** A run that is not on record here, such as one of an earlier process without a database: the runner may have it. */
  #askAfter(principal: Principal, id: RunId): OpenRun {
    const machine = this.#machines.find(this.#machines.standard.id);
    const now = Date.now();
    const unrecorded = {
      id,
      machine: this.#machines.standard.id,
      tool: "get_run",
      createdAt: now,
      deadline: now,
      call: null,
      keep: false,
      recorded: false,
    } as const;
    const run = newOpenRun({ ...unrecorded, effect: "reads", principal: principal.id });
    if (!machine?.online || this.open >= maxOpenRuns) throw notFound(id);
    this.#tracker.follow(run);
    machine.query(id, principal.id);
    return run;
  }

  #onRecord({ principal, tool, input }: CallRequest, refused: PaddockError): PaddockError {
    const { id, surface } = principal;
    const { code } = refused;
    this.#parts.onRefused(code);
    this.#parts.audit.write({
      event: "call.refused",
      principal: id,
      surface,
      tool: tool.slice(0, 64),
      input,
      code,
    });
    return refused;
  }
}

const notFound = (id: RunId): PaddockError => new PaddockError("run_not_found", `There is no run ${id}.`);

const isSameCall = (row: RunRow, tool: Tool, { inputHash, workspace }: Essence): boolean =>
  row.tool === tool.name && row.input_hash === inputHash && row.workspace === (workspace ?? null);
