/**
 * The persistent shell of one trust domain: one command at a time, in one bash that lives in the domain's cage. When that
 * bash ends (`exit`, `exec`, `set -e`, a timeout) the next one takes up its directory, variables, functions and aliases.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import type { PausingTimer } from "../egress/pauses.ts";
import type { Printed } from "../processes/background.ts";
import type { DomainCage } from "../processes/domain-cage.ts";
import { endAll } from "../processes/end-task.ts";
import { type Entry, signalExactly } from "../processes/process-table.ts";
import { Capture } from "./capture.ts";
import { type Done, Driver, type ShellState } from "./driver.ts";
import { interrupt, startedBy } from "./interrupt.ts";
import { commandText, directoryText, returnText } from "./script.ts";
import { Turns } from "./turns.ts";

export interface Command {
  text: string;
  /** Absolute directory for this command only. */
  directory?: string | undefined;
  timeoutMs: number;
  onTimeout: "kill" | "promote";
  /** Measures `timeoutMs`. */
  timer: PausingTimer;
  /** Ends the command. */
  signal: AbortSignal;
  /** Told where its output goes, when it begins. */
  prints(output: Printed): void;
}

export interface Ran {
  output: Capture;
  /** Null when it was ended, or goes on. */
  exitCode: number | null;
  timedOut: boolean;
  /** The shell's directory afterwards. */
  directory: string;
  restarted: boolean;
  /** Why Paddock stopped the cage of the commands before; null when it did not. */
  stopped: string | null;
  /** The command that goes on in the background. */
  promoted: Promoted | null;
}

export interface Promoted {
  /** Exit code, null when that will never be known. */
  ended: Promise<number | null>;
  members(): Entry[];
  /** Notices an end that nobody told. */
  check(): void;
}

export interface ShellOptions {
  /** The domain's cage, opened when it is not. */
  cage(): Promise<DomainCage>;
  workspace: string;
  /** Output kept of each stream of a command. */
  outputBytes: number;
  /** How long a command waits for the one before it. */
  patienceMs: number;
}

const neverAborted = new AbortController().signal;
const graceMs = 500;
/** The state is asked for when no command came for so long, to cost the next one nothing. */
const stateAfterMs = 50;
const stateWithinMs = 500;

type End =
  | { type: "done"; done: Done }
  | { type: "ended"; code: number | null }
  | { type: "timeout" }
  | { type: "aborted" };

/** A command while it runs. */
interface Running {
  command: Command;
  cage: DomainCage;
  driver: Driver;
  output: Capture;
  done: Promise<Done>;
  begunAt: number;
  /** The shell had ended since the last command. */
  restarted: boolean;
  stopped: string | null;
}

type Ready = Pick<Running, "cage" | "driver" | "restarted" | "stopped">;

export class Shell {
  readonly startedAt = new Date();
  readonly #options: ShellOptions;
  readonly #turns = new Turns();
  #driver: Driver | null = null;
  #cage: DomainCage | null = null;
  #state: ShellState;
  #usedAt = performance.now();
  /** False when the next bash is the first one, or its beginning was told already. */
  #hasBegun = false;
  readonly #stateTimer: NodeJS.Timeout;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#state = { directory: options.workspace, script: null };
    this.#stateTimer = setTimeout(() => this.#askState(), stateAfterMs).unref();
  }

  get busy(): boolean {
    return this.#turns.busy;
  }

  /** Whether its bash runs. */
  get active(): boolean {
    return this.#driver !== null && this.#cage?.isOpen === true;
  }

  get directory(): string {
    return this.#state.directory;
  }

  get idleMs(): number {
    return this.busy ? 0 : performance.now() - this.#usedAt;
  }

  /** Directory, variables, functions and options as they are; as they were when a command is just running. */
  async state(): Promise<ShellState> {
    const driver = this.#driver;
    if (driver && !this.busy) {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, stateWithinMs);
      await Promise.race([driver.askState(), driver.ended, late]);
      clearTimeout(timer);
    }
    return this.#state;
  }

  /** Throws shell_busy when the one before does not end in time, working_directory_not_found, or the signal's reason. */
  async run(command: Command): Promise<Ran> {
    await this.#turns.enter(this.#options.patienceMs, command.signal);
    try {
      return await this.#run(command);
    } finally {
      this.#usedAt = performance.now();
      this.#turns.leave();
    }
  }

  /** Acts between two commands; not at all while one runs. The next one waits for the end of it. */
  async betweenCommands(act: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    await this.#turns.enter(0, neverAborted);
    try {
      await act();
    } finally {
      this.#turns.leave();
    }
  }

  /** Ends what runs in it, background jobs included, and forgets everything but the directory it starts in. */
  async reset(directory: string): Promise<void> {
    const cage = this.#cage;
    const driver = this.#driver;
    if (cage && driver) await endAll(() => cage.looseMembers(driver.task), graceMs);
    this.#driver = null;
    this.#hasBegun = false;
    this.#state = { directory, script: null };
  }

  async #run(command: Command): Promise<Ran> {
    const ready = this.#readyNow() ?? (await this.#begin());
    const { cage, driver } = ready;
    if (command.directory !== undefined) await this.#enter(ready, command, command.directory);
    const lane = cage.lanes.takeNow() ?? (await cage.takeLane());
    const output = new Capture(cage.lanes, lane, this.#options.outputBytes);
    command.prints(output);
    // A bash that stays with its command cannot be asked any more.
    if (command.onTimeout === "promote") void driver.askState();
    const begunAt = performance.now();
    const pipes = { out: `${cage.inside}/${lane.number}.out`, err: `${cage.inside}/${lane.number}.err` };
    const done = driver.ask((number) => commandText(command.text, pipes, number));
    return this.#conclude({ ...ready, command, output, done, begunAt }, await firstOf(driver, done, command));
  }

  #readyNow(): Ready | null {
    if (!this.#cage?.isOpen || !this.#driver) return null;
    return { cage: this.#cage, driver: this.#driver, restarted: false, stopped: null };
  }

  async #begin(): Promise<Ready> {
    const stopped = this.#cage?.stopped ?? null;
    const cage = await this.#options.cage();
    const lane = await cage.takeLane();
    const { directory, script } = this.#state;
    const name = `${lane.number}.state`;
    if (script) writeFileSync(join(cage.lanes.folder, name), script, { mode: 0o600 });
    const driver: Driver = new Driver(cage, lane, { directory, file: script && `${cage.inside}/${name}` }, (state) => {
      if (this.#driver === driver) this.#state = state;
    });
    this.#driver = driver;
    this.#cage = cage;
    void driver.ended.then(() => {
      if (this.#driver === driver) this.#driver = null;
    });
    const restarted = this.#hasBegun;
    this.#hasBegun = true;
    return { cage, driver, restarted, stopped };
  }

  /** A shell that an earlier command has stopped or silenced does not answer: it is ended like a command that takes too long. */
  async #enter({ cage, driver }: Ready, command: Command, directory: string): Promise<void> {
    const begunAt = performance.now();
    const asked = driver.ask((number) => directoryText(directory, number));
    const end = await firstOf(driver, asked, command);
    if (end.type === "done" && end.done.exitCode === 0) return;
    if (end.type === "timeout" || end.type === "aborted") await interrupt(cage, driver, begunAt);
    if (end.type === "aborted") throw command.signal.reason;
    if (end.type === "timeout") throw silent();
    if (cage.stopped !== null) throw new PaddockError("cage_stopped", cage.stopped);
    throw new PaddockError("working_directory_not_found", `The shell cannot change to the directory ${directory}.`);
  }

  async #conclude(running: Running, end: End): Promise<Ran> {
    if (end.type === "timeout" && running.command.onTimeout === "promote") return this.#promote(running);
    const { cage, driver, output, command, begunAt } = running;
    const { stopped } = cage;
    if (stopped !== null) this.#tellStopped(stopped, output);
    if (end.type === "done") return this.#finished(running, end.done);
    const before = this.#state.directory;
    if (end.type !== "ended") await interrupt(cage, driver, begunAt);
    output.finish();
    if (command.directory !== undefined) this.#state = { ...this.#state, directory: before };
    if (end.type === "aborted") throw command.signal.reason;
    this.#hasBegun = false;
    const exitCode = end.type === "ended" ? end.code : null;
    const timedOut = end.type === "timeout";
    const { directory } = this.#state;
    return { output, exitCode, timedOut, directory, restarted: true, stopped: running.stopped, promoted: null };
  }

  /** What it printed may be what it should not have seen. */
  #tellStopped(why: string, output: Capture): never {
    output.finish();
    this.#cage = null;
    throw new PaddockError("cage_stopped", why);
  }

  #finished({ command, driver, output, restarted, stopped }: Running, { exitCode, directory }: Done): Ran {
    output.finish();
    if (command.directory !== undefined) driver.tell(returnText(this.#state.directory));
    else if (this.#driver === driver) this.#state = { ...this.#state, directory };
    this.#stateTimer.refresh();
    const { directory: now } = this.#state;
    return { output, exitCode, timedOut: false, directory: now, restarted, stopped, promoted: null };
  }

  /** The command keeps its bash; the next command gets a new one. */
  #promote({ cage, driver, output, done, begunAt, stopped }: Running): Ran {
    this.#driver = null;
    this.#hasBegun = false;
    output.keep();
    const started = startedBy(cage, driver, begunAt);
    const leader = () => [driver.task.leader()].filter((entry) => entry !== null);
    const ended = Promise.race([done.then(({ exitCode }) => exitCode), driver.ended]).then(async (exitCode) => {
      output.finish();
      for (const entry of leader()) signalExactly(entry, "SIGKILL");
      return exitCode;
    });
    const promoted = { ended, members: () => [...leader(), ...started()], check: driver.task.check };
    const { directory } = this.#state;
    return { output, exitCode: null, timedOut: true, directory, restarted: true, stopped, promoted };
  }

  #askState(): void {
    if (!this.busy) void this.#driver?.askState();
  }
}

const silent = (): PaddockError =>
  new PaddockError(
    "timeout",
    "The shell did not answer any more, after what an earlier command did to it, and was ended.",
    "Call again: the next command gets a new shell.",
  );

function firstOf(driver: Driver, done: Promise<Done>, { timeoutMs, timer, signal }: Command): Promise<End> {
  return new Promise((resolve) => {
    const settle = (end: End) => {
      stopTimer();
      signal.removeEventListener("abort", abort);
      resolve(end);
    };
    const abort = () => settle({ type: "aborted" });
    const stopTimer = timer(timeoutMs, () => settle({ type: "timeout" }));
    signal.addEventListener("abort", abort, { once: true });
    void done.then((said) => settle({ type: "done", done: said }));
    void driver.ended.then((code) => settle({ type: "ended", code }));
  });
}
