/**
 * Follows every open run to its end: what the runner says about it, what was lost with a link, and who waits. The first end
 * that is told counts, and it is written down before the runner may forget it.
 */
import { isTerminal, type MachineId, PaddockError, type RunId, type RunState } from "@paddock/contract";
import { findTool } from "@paddock/contract/tools";
import type { Logger } from "pino";
import { grantOver } from "../access/grant-over.ts";
import type { Machines, RunEvents, RunResult } from "../machines/machine.ts";
import { endingBytes, failureBytes, refusal } from "./answers.ts";
import { newOpenRun, type OpenRun } from "./open-run.ts";
import type { RunRow, RunStore } from "./store.ts";

export interface Ended {
  run: RunId;
  principal: string;
  tool: string;
  state: RunState;
  milliseconds: number;
}

export interface Tracker {
  readonly size: number;
  /** Open runs of a principal. */
  countOf(principal: string): number;
  /** Sends away whoever waits for a run of that principal, and sends no call of it again; its machines end the runs. */
  endWaits(principal: string): void;
  find(run: RunId): OpenRun | undefined;
  /** Follows a run from now on. */
  follow(run: OpenRun): void;
  /** What is said of a run; of one of the hub's own, `noMachine` says it. */
  state(machine: MachineId, run: RunId, state: RunState): void;
  /** The end of a run, as its machine or, for one of the hub's own, the hub tells it. Returns whether it is safe here. */
  end(run: OpenRun, result: RunResult): boolean;
  /** Stops following a run that came to nothing before it was sent. */
  drop(run: OpenRun): void;
  /** Stops following a run that is not on record and that nobody waits for. */
  release(run: OpenRun): void;
}

export interface TrackerParts {
  store: RunStore;
  machines: Pick<Machines, "find" | "listen">;
  log: Pick<Logger, "warn" | "error">;
  onEnd(ended: Ended): void;
}

const acknowledgeDelayMs = 10;
const maxAtOnce = 1_000;

export function openTracker(parts: TrackerParts): Tracker {
  const tracker = new RunTracker(parts);
  parts.machines.listen(tracker);
  return tracker;
}

class RunTracker implements Tracker, RunEvents {
  readonly #open: Map<RunId, OpenRun>;
  readonly #parts: TrackerParts;
  readonly #store: RunStore;
  readonly #machines: TrackerParts["machines"];
  /** Runs whose results are safe and not acknowledged yet, by the machine that is to be told. */
  readonly #safe = new Map<MachineId, RunId[]>();
  #safeCount = 0;
  #safeTimer: NodeJS.Timeout | null = null;

  constructor(parts: TrackerParts) {
    this.#parts = parts;
    this.#store = parts.store;
    this.#machines = parts.machines;
    this.#open = new Map(parts.store.open().map((row) => [row.id, fromRow(row)]));
  }

  get size(): number {
    return this.#open.size;
  }

  countOf(principal: string): number {
    let count = 0;
    for (const run of this.#open.values()) if (run.principal === principal) count += 1;
    return count;
  }

  endWaits(principal: string): void {
    for (const run of this.#open.values()) {
      if (run.principal !== principal) continue;
      run.call = null;
      for (const settle of [...run.waiters]) settle(refusal(run.tool, grantOver(), run.id));
    }
  }

  find(run: RunId): OpenRun | undefined {
    return this.#open.get(run);
  }

  follow(run: OpenRun): void {
    this.#open.set(run.id, run);
  }

  drop(run: OpenRun): void {
    this.#open.delete(run.id);
  }

  release(run: OpenRun): void {
    if (!run.recorded && run.waiters.size === 0) this.#open.delete(run.id);
  }

  /** A call that may have been lost is sent again, which a runner that has it takes as a repetition. */
  connected(machine: MachineId): void {
    const link = this.#machines.find(machine);
    for (const run of this.#open.values()) {
      if (run.machine !== machine) continue;
      if (run.call && Date.now() < run.deadline) link?.call(run.call);
      else link?.query(run.id, run.principal);
    }
  }

  accepted(machine: MachineId, id: RunId): void {
    const run = this.#openOn(machine, id);
    if (!run || run.taken) return;
    take(run);
    if (run.recorded && run.effect !== "reads") this.#write(() => this.#store.taken(id));
  }

  state(machine: MachineId, id: RunId, state: RunState): void {
    const run = this.#openOn(machine, id);
    if (!run || run.state === state || isTerminal(state)) return;
    take(run);
    run.state = state;
    if (run.recorded) this.#write(() => this.#store.state(id, state));
    run.follower?.state();
  }

  result(machine: MachineId, id: RunId, result: RunResult): void {
    const run = this.#openOn(machine, id);
    const safe = run ? this.end(run, withEnvelope(run, result)) : this.#compare(machine, id, result);
    if (safe) this.#acknowledge(machine, id);
  }

  held(machine: MachineId, id: RunId): void {
    const run = this.#openOn(machine, id);
    if (!run) return;
    take(run);
    run.follower?.held();
  }

  noRun(machine: MachineId, id: RunId): void {
    const run = this.#openOn(machine, id);
    if (!run) return;
    const fail = (state: RunState, error: PaddockError): boolean =>
      this.end(run, { state, ok: false, envelope: failureBytes(run.tool, error, id), content: null });
    if (!run.recorded) fail("failed", new PaddockError("run_not_found", `There is no run ${id}.`));
    else if (run.taken && !run.awaitsWord)
      fail("unknown", new PaddockError("run_unknown", "The machine has lost what it knew of the run."));
    else if (run.call && Date.now() < run.deadline) this.#machines.find(machine)?.call(run.call);
    else fail("failed", new PaddockError("not_sent", "The call never reached the machine."));
  }

  /** A machine speaks for its own runs only. */
  #openOn(machine: MachineId, id: RunId): OpenRun | undefined {
    const run = this.#open.get(id);
    return run?.machine === machine ? run : undefined;
  }

  /** If it could not be written the run stays open, to be asked about again. */
  end(run: OpenRun, result: RunResult): boolean {
    const at = Date.now();
    const keep = run.keep || (run.waiters.size === 0 && run.listeners === null);
    const written =
      !run.recorded ||
      this.#write(() => this.#store.finish(run.id, { ...result, at }, keep, run.keep ? "now" : "soon"));
    if (written) this.#open.delete(run.id);
    if (written && run.recorded)
      this.#parts.onEnd({ ...endOf(run), state: result.state, milliseconds: at - run.createdAt });
    const answer = { run: run.id, ...result };
    for (const settle of [...run.waiters]) settle(answer);
    for (const listen of run.listeners ?? []) listen(answer);
    return written && run.recorded;
  }

  /** A result that comes again is normal; one that differs from the first is kept as evidence. */
  #compare(machine: MachineId, id: RunId, result: RunResult): boolean {
    const row = this.#store.find(id);
    if (row && row.machine !== machine) {
      this.#parts.log.warn(
        { run: id, machine },
        "a machine told the result of another one's run; it counts for nothing",
      );
      return true;
    }
    if (!row || this.#isSame(row, result)) return true;
    this.#parts.log.warn(
      { run: id, first: row.state, second: result.state },
      "a second, different result; the first counts",
    );
    return this.#write(() => this.#store.conflict(id, { ...result, at: Date.now() }));
  }

  #isSame(row: RunRow, result: RunResult): boolean {
    if (row.state !== result.state || result.envelope.length === 0) return row.state === result.state;
    const sizes = row.envelope_bytes === result.envelope.length && row.content_bytes === (result.content?.length ?? 0);
    return sizes && (this.#store.result(row.id)?.envelope.equals(result.envelope) ?? true);
  }

  /** Many at once and a moment later, off the way of the answer. A lost one only makes the runner tell again. */
  #acknowledge(machine: MachineId, run: RunId): void {
    const safe = this.#safe.get(machine);
    if (safe) safe.push(run);
    else this.#safe.set(machine, [run]);
    this.#safeCount += 1;
    this.#safeTimer ??= setTimeout(() => this.#tellSafe(), acknowledgeDelayMs).unref();
    if (this.#safeCount >= maxAtOnce) this.#tellSafe();
  }

  #tellSafe(): void {
    if (this.#safeTimer) clearTimeout(this.#safeTimer);
    this.#safeTimer = null;
    for (const [machine, runs] of this.#safe) this.#machines.find(machine)?.acknowledge(runs);
    this.#safe.clear();
    this.#safeCount = 0;
  }

  #write(write: () => void): boolean {
    try {
      write();
      return true;
    } catch (error) {
      if (!(error instanceof PaddockError)) throw error;
      this.#parts.log.error({ err: error }, "what the runner said of a run cannot be recorded");
      return false;
    }
  }
}

const endOf = ({ id, principal, tool }: OpenRun) => ({ run: id, principal, tool });

function take(run: OpenRun): void {
  run.taken = true;
  run.call = null;
}

/** A runner that knows no more than the state sends no bytes. */
const withEnvelope = (run: OpenRun, result: RunResult): RunResult =>
  result.envelope.length > 0 ? result : { ...result, ok: false, envelope: endingBytes(run.tool, run.id, result.state) };

const fromRow = (row: RunRow): OpenRun => ({
  ...newOpenRun({
    id: row.id,
    machine: row.machine,
    tool: row.tool,
    effect: findTool(row.tool)?.effect ?? "executes",
    principal: row.principal,
    createdAt: row.created_at,
    deadline: row.deadline,
    call: null,
    keep: true,
    recorded: true,
  }),
  taken: row.taken,
  state: row.state,
});
