/** One background process: what is known of it, what it printed, and the ways to reach it. */

import type { Socket } from "node:net";
import { constants } from "node:os";
import { PaddockError, type ProcessId } from "@paddock/contract";
import { endAll } from "./end-task.ts";
import type { OutputLog } from "./output-log.ts";
import { type Entry, type Identity, signalExactly } from "./process-table.ts";

/** Size of a terminal, in characters. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

export type ProcessState = "running" | "exited" | "lost";

/** What outlives a restart of the runner. */
export interface ProcessRecord {
  id: ProcessId;
  domain: string;
  /** The first of its processes, on the host. */
  identity: Identity | null;
  command: string;
  cwd: string;
  startedAt: string;
  endedAt: string | null;
  state: ProcessState;
  /** As bash tells it: 128 + n after signal n. */
  exitCode: number | null;
  /** Null for what has no terminal. */
  terminal: TerminalSize | null;
}

/** The running part; a process that has ended needs none. */
export interface Reach {
  /** Exit code, null when it will never be known. */
  ended: Promise<number | null>;
  members(): Entry[];
  /** Notices an end that nobody told. */
  check(): void;
  stdin: Socket | null;
  /** Changes the size of its terminal; null for what has none. */
  resize: ((size: TerminalSize) => Promise<void>) | null;
}

export interface Printed {
  stdout: OutputLog;
  stderr: OutputLog;
}

/** Input that a process has not read yet. */
const maxUnreadBytes = 4 * 1024 * 1024;

/** It takes reading from the process table, which is too much for every key that is typed. */
const checkEveryMs = 100;

export class BackgroundProcess {
  readonly record: ProcessRecord;
  /** Null where the output is not kept any more. */
  readonly printed: Printed | null;
  readonly #reach: Reach | null;
  readonly #watching = new Set<() => void>();
  #checkedAt = -Infinity;

  constructor(record: ProcessRecord, printed: Printed | null, reach: Reach | null) {
    this.record = record;
    this.printed = printed;
    this.#reach = reach;
  }

  get running(): boolean {
    return this.record.state === "running";
  }

  /** To be called when it printed something or ended. */
  changed(): void {
    if (this.#watching.size === 0) return;
    for (const tell of [...this.#watching]) tell();
  }

  /** Resolves at the next change, or after `milliseconds`, or when the signal is aborted. */
  nextChange(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", settle);
        this.#watching.delete(settle);
        resolve();
      };
      const timer = setTimeout(settle, milliseconds);
      signal.addEventListener("abort", settle, { once: true });
      this.#watching.add(settle);
    });
  }

  /** Bytes taken. Throws process_ended, or too_many while it does not read what it was given. */
  write(text: string, close: boolean): number {
    const stdin = this.#reach?.stdin;
    if (!this.running || !stdin || stdin.destroyed || stdin.writableEnded) throw this.#deaf();
    if (stdin.writableLength > maxUnreadBytes) {
      throw new PaddockError("too_many", "The process does not read its input; what it was given still waits.");
    }
    const bytes = Buffer.from(text);
    if (bytes.length > 0) stdin.write(bytes);
    if (close) stdin.end();
    return bytes.length;
  }

  /**
   * Sends a signal to it and everything it started, of a session only to what is in the foreground of its terminal; false
   * when nothing was there to take it.
   */
  signal(name: NodeJS.Signals): boolean {
    const members = this.running ? (this.#reach?.members() ?? []) : [];
    const taking = this.record.terminal ? members.filter(({ group, foreground }) => group === foreground) : members;
    return taking.map((member) => signalExactly(member, name)).includes(true);
  }

  /** Tells the programs in the foreground too. Throws process_ended, or invalid_input for what has no terminal. */
  async resize(size: TerminalSize): Promise<void> {
    const { id, terminal } = this.record;
    if (!terminal) throw new PaddockError("invalid_input", `${id} has no terminal.`, "Only a session has one.");
    if (!this.running || !this.#reach?.resize) throw this.#deaf();
    await this.#reach.resize(size);
    Object.assign(terminal, size);
  }

  /** Ends it with everything it started. It has `graceMs` to end by itself. */
  async stop(graceMs: number): Promise<void> {
    const reach = this.#reach;
    if (!this.running || !reach) return;
    await endAll(() => reach.members(), graceMs);
    reach.check();
    await reach.ended;
  }

  /** To be called before something is said of it. Whoever asks again and again is told of an end that nobody told a moment later. */
  check(): void {
    const now = performance.now();
    if (!this.running || now - this.#checkedAt < checkEveryMs) return;
    this.#checkedAt = now;
    this.#reach?.check();
  }

  #deaf(): PaddockError {
    if (!this.running) return new PaddockError("process_ended", `The process ${this.record.id} has ended.`);
    return new PaddockError("process_ended", `The standard input of ${this.record.id} is closed.`);
  }
}

/** The signal that an exit code of bash stands for; null for an ordinary one. */
export function signalOf(exitCode: number | null): NodeJS.Signals | null {
  if (exitCode === null || exitCode <= 128) return null;
  const found = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128);
  return (found?.[0] as NodeJS.Signals | undefined) ?? null;
}
