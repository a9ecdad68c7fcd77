/**
 * The gate: every call goes through here, whoever asks and whatever it wants.
 *
 * decide -> ask -> contain -> run -> record. A call is on disk before it acts, its result is on disk before it is told, and
 * a run id is executed once however often it is sent. Nothing runs when it cannot be recorded.
 */
import { PaddockError, type RunId, type RunState, type ShownQuestion } from "@paddock/contract";
import type { Decision } from "@paddock/policy";
import type { Grant } from "../approvals/grants.ts";
import type { ProgramFile } from "../approvals/program-files.ts";
import type { Ledger, LedgerEntry, Via, When } from "../ledger/ledger.ts";
import type { Rules } from "../rules/rules.ts";
import { type Active, newActive, type Observer } from "./active.ts";
import { type AskParts, askOwner, look, type Seen, staleness } from "./ask.ts";
import type { GateCall } from "./call.ts";
import { finishedEntry, refusedEntry, startedEntry } from "./entries.ts";
import type { Hold } from "./hold.ts";
import { denial, type Prepared, type PrepareParts, prepare } from "./prepare.ts";
import { completed, failed, type Result } from "./result.ts";

export interface GateParts extends PrepareParts, AskParts {
  rules: Rules;
  ledger: Ledger;
  log: { error(fields: object, message: string): void };
}

/** A call at one moment, and the earlier answer that covers it. */
interface Decided {
  prepared: Prepared;
  /** Null where nothing has to be asked. */
  seen: Seen | null;
  grant: Grant | null;
}

/** Results of reading tools up to this size are kept like all others; larger ones only when nobody was there to take them. */
const keptReadBytes = 64 * 1024;

const deadlineReached = new PaddockError("timeout", "The run reached its deadline and was ended.");
const unrecordable = new PaddockError("audit_unavailable", "The audit log cannot be written.");
const cancelled = new PaddockError("cancelled", "The run was cancelled.");
const stopping = new PaddockError("cancelled", "The runner was stopped while this ran.");

export class Gate {
  readonly #parts: GateParts;
  readonly #active = new Map<RunId, Active>();

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** Runs that have not ended. */
  get active(): number {
    return this.#active.size;
  }

  /** Takes a call, once: a run id that is known only gains an observer. Never throws, never waits. */
  take(call: GateCall, via: Via, observer: Observer): void {
    if (this.query(call.run, call.principal.id, observer)) return;
    if (this.#active.has(call.run) || this.#parts.ledger.find(call.run)) return;
    this.#launch(call, via, [observer]);
  }

  /** Tells the observer what is known of a run of that principal, now and when it ends; false when nothing is. */
  query(id: RunId, principal: string, observer: Observer): boolean {
    const run = this.#active.get(id);
    if (run) {
      if (run.call.principal.id !== principal) return false;
      run.observers.add(observer);
      observer.state(id, run.state);
      if (run.hold?.isReady) observer.held(id);
      return true;
    }
    const known = this.#parts.ledger.find(id);
    if (!known || known.principal.id !== principal) return false;
    observer.result(id, known.state, known.result);
    return true;
  }

  /** Lets a call run that was sent to be admitted only. */
  go(id: RunId): void {
    this.#active.get(id)?.hold?.go();
  }

  /** Asks a run to end. It ends as cancelled, or as what it had become by then. */
  cancel(id: RunId): void {
    this.#active.get(id)?.abort.abort(cancelled);
  }

  /** Asks all runs of a principal to end. */
  cancelAll(principal: string): void {
    for (const { call, abort } of this.#active.values()) if (call.principal.id === principal) abort.abort(cancelled);
  }

  /** After a restart: what had started is recorded as unknown, what had not passes the gate again. */
  recover(): void {
    for (const entry of this.#parts.ledger.open()) {
      if (entry.state === "running") this.#giveUp(entry);
      else this.#launch(entry, entry.via, []);
    }
  }

  /** Ends all runs and waits until that is recorded. */
  async close(): Promise<void> {
    const runs = [...this.#active.values()];
    for (const run of runs) run.abort.abort(stopping);
    await Promise.all(runs.map(({ done }) => done));
  }

  #launch(call: GateCall, via: Via, observers: Iterable<Observer>): void {
    const run = newActive(call, via, observers);
    this.#active.set(call.run, run);
    run.done = this.#pass(run).catch((fault: unknown) => this.#abandon(run, fault));
  }

  async #pass(run: Active): Promise<void> {
    const decided = await this.#decide(run);
    if (!decided) return;
    if (!run.hold) return this.#carryOut(run, decided, false);
    const admitted = await this.#admit(run, run.hold, decided).catch(onlyFailures);
    if (admitted instanceof PaddockError) return this.#fail(run, decided.prepared, admitted);
    const now = await this.#decide(run);
    if (!now) return;
    const stale = admitted.approved && now.seen && staleness(admitted.approved, now.seen);
    if (stale) this.#fail(run, now.prepared, stale);
    else await this.#carryOut(run, now, admitted.approved !== null);
  }

  /** What the call would do and may do at this moment; null when it was refused. */
  async #decide(run: Active): Promise<Decided | null> {
    const { audit, grants, searchPath } = this.#parts;
    const prepared = await this.#prepare(run);
    if (prepared instanceof PaddockError) return this.#refuse(run, prepared);
    const { decision } = prepared;
    if (decision.verdict === "deny") return this.#refuse(run, denial(decision), decision);
    if (!audit.writable) return this.#refuse(run, unrecordable);
    const seen = decision.verdict === "ask" ? await look(prepared, searchPath).catch(onlyFailures) : null;
    if (seen instanceof PaddockError) return this.#refuse(run, seen, decision);
    return { prepared, seen, grant: seen && grants.covering(seen) };
  }

  /** Everything that can keep a call from running, then the wait for the word. Throws what it ends with otherwise. */
  async #admit(run: Active, hold: Hold, { prepared, seen, grant }: Decided): Promise<{ approved: Seen | null }> {
    const { call, abort, observers } = run;
    const approved = grant ? null : seen;
    this.#begin(run, prepared, approved ? "waiting_approval" : "accepted");
    if (approved) await this.#ask(run, prepared, approved);
    const word = hold.wait(abort.signal);
    for (const observer of observers) observer.held(call.run);
    const timer = setTimeout(() => abort.abort(deadlineReached), Math.max(0, call.deadline - Date.now()));
    await word.finally(() => clearTimeout(timer));
    this.#parts.ledger.release(call.run);
    return { approved };
  }

  /** `isApproved` when the owner has been asked before, about the very same. */
  async #carryOut(run: Active, { prepared, seen, grant }: Decided, isApproved: boolean): Promise<void> {
    const { audit } = this.#parts;
    const asks = grant || isApproved ? null : seen;
    this.#begin(run, prepared, asks ? "waiting_approval" : "running");
    const ready = asks ? await this.#askAndStart(run, prepared, asks).catch(onlyFailures) : prepared;
    if (ready instanceof PaddockError) return this.#fail(run, prepared, ready);
    audit.write(startedEntry(run.call, ready.decision, grant));
    if (!audit.writable) return this.#fail(run, ready, unrecordable);
    return this.#finish(run, ready, await this.#execute(run, ready, seen?.facts.programs));
  }

  async #prepare({ call, abort }: Active): Promise<Prepared | PaddockError> {
    try {
      return await prepare(call, abort.signal, this.#parts);
    } catch (error) {
      return error instanceof PaddockError ? error : this.#bug(error, call);
    }
  }

  #begin(run: Active, { place: { workspace }, tool: { effect } }: Prepared, state: RunState): void {
    const { run: id, tool, principal, input, deadline } = run.call;
    const { ledger } = this.#parts;
    const hold = run.hold !== null;
    const begun = { run: id, tool, principal, workspace, input, deadline, via: run.via, state, hold };
    const isNew = ledger.begin(begun, Date.now(), effect === "reads" && state === "running" ? "soon" : "now");
    if (!isNew && state === "running") ledger.start(id);
    this.#announce(run, state);
  }

  #announce(run: Active, state: RunState, question?: ShownQuestion): void {
    run.state = state;
    for (const observer of run.observers) observer.state(run.call.run, state, question);
  }

  #ask(run: Active, prepared: Prepared, seen: Seen): Promise<Prepared> {
    const { call, abort } = run;
    return askOwner(this.#parts, {
      call,
      prepared,
      seen,
      signal: abort.signal,
      open: (question) => this.#announce(run, "waiting_approval", question),
      again: (rules = this.#parts.rules) => prepare(call, abort.signal, { ...this.#parts, rules }),
    });
  }

  async #askAndStart(run: Active, prepared: Prepared, seen: Seen): Promise<Prepared> {
    const ready = await this.#ask(run, prepared, seen);
    this.#parts.ledger.start(run.call.run);
    this.#announce(run, "running");
    return ready;
  }

  async #execute(run: Active, prepared: Prepared, approved?: readonly ProgramFile[]): Promise<Result> {
    const { call, abort } = run;
    const timer = setTimeout(() => abort.abort(deadlineReached), Math.max(0, call.deadline - Date.now()));
    try {
      abort.signal.throwIfAborted();
      return completed(prepared.tool, await prepared.execute(prepared.request.wants, approved));
    } catch (error) {
      if (error instanceof PaddockError) return failed(call.tool, call.run, error);
      if (abort.signal.aborted) return failed(call.tool, call.run, abort.signal.reason);
      return failed(call.tool, call.run, this.#bug(error, call));
    } finally {
      clearTimeout(timer);
    }
  }

  #refuse(run: Active, reason: PaddockError, decision?: Decision): null {
    const { audit, ledger } = this.#parts;
    const { call, via } = run;
    const { run: id, tool, principal, deadline, workspace = "" } = call;
    const begun = {
      run: id,
      tool,
      principal,
      workspace,
      input: null,
      deadline,
      via,
      state: "accepted",
      hold: false,
    } as const;
    ledger.begin(begun, Date.now(), "soon");
    audit.write(refusedEntry(call, reason, decision));
    this.#settle(run, { ...failed(tool, id, reason), state: "refused" }, true, "now");
    return null;
  }

  #fail(run: Active, prepared: Prepared, reason: PaddockError): void {
    this.#finish(run, prepared, failed(run.call.tool, run.call.run, reason));
  }

  #finish(run: Active, { tool }: Prepared, result: Result): void {
    this.#parts.audit.write(finishedEntry(run.call, result, performance.now() - run.begunAt));
    const taken = [...run.observers].some(({ connected }) => connected);
    const isReading = tool.effect === "reads";
    const keep = !isReading || result.envelope.length <= keptReadBytes || !taken;
    this.#settle(run, result, keep, isReading ? "soon" : "now");
  }

  #settle(run: Active, result: Result, keep: boolean, when: When): void {
    const { call, observers } = run;
    this.#active.delete(call.run);
    const kept = keep ? result : { ...result, envelope: null, content: null };
    this.#parts.ledger.end(call.run, kept, Date.now(), when);
    for (const observer of observers) observer.result(call.run, result.state, result);
  }

  #giveUp({ run, tool, principal }: LedgerEntry): void {
    const reason = new PaddockError("run_unknown", "The runner was interrupted while this ran.");
    this.#parts.ledger.end(run, failed(tool, run, reason), Date.now(), "now");
    this.#parts.audit.write({
      event: "call.finished",
      run,
      principal: principal.id,
      tool,
      state: "unknown",
      code: reason.code,
    });
  }

  /** Recording itself failed: the caller learns that the outcome is not known, as far as anything still can be told. */
  #abandon(run: Active, fault: unknown): void {
    const { call, observers } = run;
    this.#active.delete(call.run);
    this.#parts.log.error({ err: fault, run: call.run, tool: call.tool }, "a run could not be recorded");
    const reason = new PaddockError("run_unknown", "The run could not be recorded.");
    for (const observer of observers) observer.result(call.run, "unknown", failed(call.tool, call.run, reason));
  }

  #bug(fault: unknown, call: GateCall): PaddockError {
    this.#parts.log.error({ err: fault, run: call.run, tool: call.tool }, "a tool failed unexpectedly");
    return new PaddockError("internal", `${call.tool} failed unexpectedly. Reference: ${call.run}.`);
  }
}

/** A call that cannot be asked about ends like one that is answered with no. */
function onlyFailures(error: unknown): PaddockError {
  if (error instanceof PaddockError) return error;
  throw error;
}
