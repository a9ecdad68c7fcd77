/** Calls and their runs: checked, recorded, sent, waited for. Every surface comes through here. */
import {
  type ErrorCode,
  isTerminal,
  PaddockError,
  type Principal,
  parseInput,
  type RunId,
  type Tool,
} from "@paddock/contract";
import { errandTools, findTool, isHubToolName, type LookupToolName, tools } from "@paddock/contract/tools";
import type { Access } from "../access/access.ts";
import { chooseMachine, mayUse, standardFor, usableBy } from "../machines/choice.ts";
import type { Machines } from "../machines/machine.ts";
import { serversOfAll } from "./all-machines.ts";
import { refusal, unfinishedAnswer } from "./answers.ts";
import type { BatchStore } from "./batch-store.ts";
import { Batches } from "./batches.ts";
import { answerInHub } from "./hub-tools.ts";
import { byNamedMachine } from "./named-machine.ts";
import { newOpenRun, type OpenRun, waitFor } from "./open-run.ts";
import { Opening, type OpeningParts } from "./opening.ts";
import { type OutputParts, whereItRuns } from "./output-of-run.ts";
import { byOwnName } from "./own-names.ts";
import type { Answer, CallRequest, Runs } from "./runs.ts";
import type { RunPage, RunRow, RunStore } from "./store.ts";
import { openTracker, type Tracker, type TrackerParts } from "./tracker.ts";
import { startTransfer } from "./transfer.ts";

export interface RunsParts extends TrackerParts, OpeningParts {
  access: Pick<Access, "mayCall">;
  machines: Pick<Machines, "find" | "list" | "listen" | "standard">;
  batches: BatchStore;
  /** Told of each call that never became a run. */
  onRefused(code: ErrorCode): void;
}

export interface OpenRuns extends Runs {
  /** Runs that have not ended. */
  readonly open: number;
  /** What a principal was granted is over: nothing more is told to whoever waits for its runs. */
  endWaits(principal: string): void;
}

export const openRuns = (parts: RunsParts): OpenRuns => new Calls(parts);

/** A client that asks after runs without end must not fill the hub. */
const maxOpenRuns = 1_000;
/** A machine that takes longer to say what it has does not keep the others waiting. */
const longestListingSeconds = 10;

class Calls implements OpenRuns {
  readonly #parts: RunsParts;
  readonly #store: RunStore;
  readonly #machines: RunsParts["machines"];
  readonly #tracker: Tracker;
  readonly #opening: Opening;
  readonly #batches: Batches;
  readonly #whereabouts: OutputParts;

  constructor(parts: RunsParts) {
    this.#parts = parts;
    this.#store = parts.store;
    this.#machines = parts.machines;
    this.#tracker = openTracker(parts);
    this.#opening = new Opening(parts, this.#tracker);
    this.#whereabouts = { machines: parts.machines, find: (id) => parts.store.find(id) };
    this.#batches = new Batches({ ...parts, tracker: this.#tracker, opening: this.#opening });
  }

  get open(): number {
    return this.#tracker.size;
  }

  endWaits(principal: string): void {
    this.#tracker.endWaits(principal);
  }

  async call(asked: CallRequest): Promise<Answer> {
    let request = byOwnName(asked, standardFor(asked.principal, this.#machines));
    try {
      const tool = this.#parts.access.mayCall(request.principal, request.tool);
      if (isLookup(tool.name)) {
        return await answerInHub(tool.name, request, {
          runs: this,
          machines: this.#machines,
          audit: this.#parts.audit,
        });
      }
      if (!namesItsOwn.has(tool.name)) request = byNamedMachine(request);
      if (tool.name === tools.process_output.name) request = whereItRuns(request, this.#whereabouts);
      if (tool.name === tools.mcp_servers.name && !request.machine) return await this.#servers(request);
      return await this.#answerFor(this.#begin(tool, request), request);
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
    if (this.#batches.cancel(id)) return;
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
  #begin(tool: Tool, request: CallRequest): OpenRun | RunRow {
    if (tool.name === tools.batch.name) return this.#batches.start(tool, request);
    return tool.name === tools.transfer_file.name ? this.#transfer(request) : this.#start(tool, request);
  }

  /** The same for a call of one machine. */
  #start(tool: Tool, request: CallRequest): OpenRun | RunRow {
    const earlier = this.#opening.earlier(tool, request);
    if (earlier) return earlier;
    const checked = this.#opening.check(tool, request);
    this.#opening.mustHaveRoom(request.principal, 1);
    const run = this.#opening.record(checked);
    if (run.call) checked.machine?.call(run.call);
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

/** Tools whose input says itself which machines are meant. */
const namesItsOwn: ReadonlySet<string> = new Set([tools.batch.name, tools.transfer_file.name]);
const isLookup = (name: string): name is LookupToolName => isHubToolName(name) && name !== tools.batch.name;
const notFound = (id: RunId): PaddockError => new PaddockError("run_not_found", `There is no run ${id}.`);
