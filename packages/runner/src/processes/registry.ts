/**
 * All background processes, those that have ended included, each visible only to the trust domain that started it. What
 * they printed is kept in memory within bounds; what is known of them is on disk too.
 */
import { maskSecrets, newId, PaddockError, type ProcessId } from "@paddock/contract";
import { BackgroundProcess, type Printed, type ProcessRecord, type Reach, type TerminalSize } from "./background.ts";
import type { Identity } from "./process-table.ts";
import { loadRecords, saveRecords } from "./records.ts";

export interface RegistryOptions {
  /** File of the list. */
  path: string;
  /** Running at once in one domain. */
  maxRunning: number;
}

export interface Begun {
  domain: string;
  command: string;
  cwd: string;
  identity: Identity | null;
  terminal: TerminalSize | null;
  printed: Printed;
  reach: Reach;
}

/** A finished command whose output is too long for one answer. */
export interface Kept {
  domain: string;
  command: string;
  cwd: string;
  exitCode: number | null;
  printed: Printed;
}

const maxEnded = 32;
/** What ended processes may hold altogether. */
const maxHeldBytes = 32 * 1024 * 1024;

export class ProcessRegistry {
  readonly #options: RegistryOptions;
  readonly #processes = new Map<ProcessId, BackgroundProcess>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    for (const record of loadRecords(options.path)) {
      this.#processes.set(record.id, new BackgroundProcess(record, null, null));
    }
    this.#save();
  }

  /** Throws too_many when the domain runs as many as it may. */
  checkRoom(domain: string): void {
    const running = this.list(domain).filter((process) => process.running).length;
    if (running < this.#options.maxRunning) return;
    throw new PaddockError("too_many", `${running} background processes run already.`);
  }

  /** Takes a process that runs. */
  add({ printed, reach, command, ...known }: Begun): BackgroundProcess {
    const begun = { startedAt: new Date().toISOString(), endedAt: null, state: "running", exitCode: null } as const;
    const record: ProcessRecord = { id: newId("prc"), command: maskSecrets(command), ...known, ...begun };
    const process = new BackgroundProcess(record, printed, reach);
    this.#processes.set(record.id, process);
    this.#prune(record.domain);
    void reach.ended.then((exitCode) => this.#end(process, exitCode));
    return process;
  }

  /** Takes a command that has ended, for the sake of its output. */
  keep({ domain, command, cwd, exitCode, printed }: Kept): ProcessId {
    const now = new Date().toISOString();
    const id = newId("prc");
    const ended = { startedAt: now, endedAt: now, state: "exited", exitCode } as const;
    const never = { identity: null, terminal: null };
    const record: ProcessRecord = { id, domain, command: maskSecrets(command), cwd, ...never, ...ended };
    this.#processes.set(id, new BackgroundProcess(record, printed, null));
    this.#prune(domain);
    return id;
  }

  /** Throws process_not_found, also for a process of another domain. */
  find(domain: string, id: ProcessId): BackgroundProcess {
    const process = this.#processes.get(id);
    if (process?.record.domain !== domain) throw new PaddockError("process_not_found", `There is no process ${id}.`);
    process.check();
    return process;
  }

  /** Those of a domain, oldest first. */
  list(domain: string): BackgroundProcess[] {
    const own = [...this.#processes.values()].filter(({ record }) => record.domain === domain);
    for (const process of own) process.check();
    return own;
  }

  /** Forgets the ended ones of a domain and says how many. */
  clear(domain: string): number {
    const ended = this.list(domain).filter((process) => !process.running);
    for (const { record } of ended) this.#processes.delete(record.id);
    this.#save();
    return ended.length;
  }

  #end(process: BackgroundProcess, exitCode: number | null): void {
    const state = exitCode === null ? "lost" : "exited";
    Object.assign(process.record, { state, exitCode, endedAt: new Date().toISOString() });
    this.#prune(process.record.domain);
    process.changed();
  }

  /** Forgets the oldest ended ones beyond the bounds. */
  #prune(domain: string): void {
    const ended = [...this.#processes.values()].filter((process) => !process.running);
    const own = ended.filter(({ record }) => record.domain === domain);
    for (const { record } of own.slice(0, Math.max(0, own.length - maxEnded))) this.#processes.delete(record.id);
    let held = 0;
    for (const { record, printed } of ended.toReversed()) {
      held += (printed?.stdout.heldBytes ?? 0) + (printed?.stderr.heldBytes ?? 0);
      if (held > maxHeldBytes) this.#processes.delete(record.id);
    }
    this.#save();
  }

  #save(): void {
    saveRecords(
      this.#options.path,
      [...this.#processes.values()].map(({ record }) => record),
    );
  }
}
