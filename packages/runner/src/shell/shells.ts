/** The shells of all trust domains, with the cages and the background processes that they share. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { maskSecrets } from "@paddock/contract";
import type { DoorFor } from "../egress/egress.ts";
import type { Pauses } from "../egress/pauses.ts";
import { type DomainCall, Domains } from "../processes/domains.ts";
import { ProcessRegistry } from "../processes/registry.ts";
import type { Cages } from "../sandbox/cage.ts";
import { CrowdWatch } from "./crowd-watch.ts";
import { FreshRuns } from "./fresh-runs.ts";
import { RunOutputs } from "./run-outputs.ts";
import { Shell } from "./shell.ts";

export interface ShellsOptions {
  cages: Cages;
  /** The runner's state folder. */
  folder: string;
  /** Output kept of a command or a background process. */
  outputBytes: number;
  /** Background processes at once in one domain. */
  maxProcesses: number;
  /** How long a command waits for the one before it. */
  patienceMs: number;
  /** A shell unused for so long is ended, unless something runs in the background. */
  idleMs: number;
  log: { error(fields: object, message: string): void };
  /** Processes that a cage may hold; one that is filled up with them is ended. */
  maxPids: number;
  /** Text of the git configuration that commands go by where nothing nearer says otherwise. */
  gitSettings(): Promise<string>;
  /** The way out to the network that a command's cage gets. */
  doorFor: DoorFor;
  /** Of the time of commands, while the owner is asked about that way. */
  pauses: Pauses;
}

export interface DomainShell {
  readonly shell: Shell;
  /** Masked, newest last. */
  readonly recent: readonly string[];
}

const recentKept = 10;
const recentLength = 500;
const reapEveryMs = 60_000;

export class Shells {
  readonly domains: Domains;
  readonly registry: ProcessRegistry;
  /** Of commands whose calls last. */
  readonly outputs: RunOutputs;
  readonly fresh: FreshRuns;
  readonly doorFor: DoorFor;
  readonly pauses: Pauses;
  readonly outputBytes: number;
  /** Where approved scripts are held while they run. */
  readonly scriptFolder: string;
  readonly #options: ShellsOptions;
  readonly crowds: CrowdWatch;
  readonly #shells = new Map<string, { shell: Shell; recent: string[] }>();
  readonly #reaper: NodeJS.Timeout;

  readonly #stuck = (fault: unknown) =>
    this.#options.log.error({ err: fault }, "a cage that should have ended could not be ended");

  constructor(options: ShellsOptions) {
    const { cages, folder, outputBytes, maxProcesses, gitSettings, doorFor } = options;
    this.#options = options;
    this.outputBytes = outputBytes;
    this.scriptFolder = join(folder, "approved-scripts");
    // What a runner that was killed has left.
    rmSync(this.scriptFolder, { recursive: true, force: true });
    this.doorFor = doorFor;
    this.pauses = options.pauses;
    this.fresh = new FreshRuns(cages, maxProcesses);
    this.domains = new Domains({ cages, folder: join(folder, "lanes"), gitSettings, doorFor });
    this.registry = new ProcessRegistry({ path: join(folder, "processes.json"), maxRunning: maxProcesses });
    this.outputs = new RunOutputs(this.registry);
    this.crowds = new CrowdWatch({
      maxPlaces: options.maxPids,
      places: (domain) => this.domains.live(domain)?.places() ?? 0,
      busy: (domain) => this.#shells.get(domain)?.shell.busy ?? false,
      end: (domain) => this.#endCrowded(domain).catch(this.#stuck),
      now: () => performance.now(),
    });
    this.#reaper = setInterval(() => this.reap().catch(this.#stuck), reapEveryMs).unref();
  }

  /** The shell of the call's domain; its bash begins with the first command. */
  of(call: DomainCall): DomainShell {
    return this.#shells.get(call.domain) ?? this.#open(call);
  }

  find(domain: string): DomainShell | null {
    return this.#shells.get(domain) ?? null;
  }

  /** Notes a command for shell_status. */
  remember(domain: string, command: string): void {
    const recent = this.#shells.get(domain)?.recent;
    recent?.push(maskSecrets(command.slice(0, recentLength)));
    if (recent && recent.length > recentKept) recent.shift();
  }

  /** Ends the shells and all processes of a principal; what their variables were is forgotten. */
  async endPrincipal(principal: string): Promise<void> {
    const isOwn = (domain: string) => domain.startsWith(`${principal}\n`);
    const ending = [...this.#shells.keys()].filter(isOwn);
    for (const domain of ending) this.#shells.delete(domain);
    await Promise.all([this.fresh.end(isOwn), ...ending.map((domain) => this.domains.end(domain, 0))]);
  }

  /** Ends every shell and every process: for roots or rules that have changed. */
  async endAll(graceMs = 0): Promise<void> {
    this.#shells.clear();
    await Promise.all([this.fresh.end(() => true), this.domains.endAll(graceMs)]);
  }

  async close(): Promise<void> {
    clearInterval(this.#reaper);
    this.crowds.close();
    await this.endAll(closeGraceMs);
  }

  /** Ends the cages in which nothing has happened for a while. Directory and variables are taken up at the next command. */
  async reap(): Promise<void> {
    for (const [key, { shell }] of this.#shells) {
      this.crowds.watch(key);
      if (shell.idleMs < this.#options.idleMs || this.#isUsed(key, shell)) continue;
      await this.domains.end(key, 0);
    }
  }

  /**
   * Ends the cage of a domain in which a repository was made at a root, so that its configuration is guarded from now on. Not
   * while anything else runs in it: that would be lost.
   */
  async guardNewRepositories(key: string): Promise<void> {
    const shell = this.#shells.get(key)?.shell;
    if (!shell || shell.busy || !this.domains.hasUnguarded(key) || this.#isUsed(key, shell)) return;
    await shell.state();
    await shell.betweenCommands(async () => {
      if (!this.#isUsed(key, shell)) await this.domains.end(key, 0);
    });
  }

  /** The next command gets a new cage and a shell with the directory and variables of before. */
  async #endCrowded(domain: string): Promise<void> {
    const end = () => this.domains.end(domain, 0);
    const shell = this.#shells.get(domain)?.shell;
    await (shell && !shell.busy ? shell.betweenCommands(end) : end());
  }

  #isUsed(key: string, shell: Shell): boolean {
    const cage = this.domains.live(key);
    if (!cage) return false;
    return this.registry.list(key).some((process) => process.running) || !cage.isIdleBut(shell.active ? 1 : 0);
  }

  #open(call: DomainCall): DomainShell {
    const domain = this.domains.of(call);
    const { outputBytes, patienceMs } = this.#options;
    const shell = new Shell({
      cage: () => domain.cage(),
      workspace: call.workspace,
      outputBytes: outputBytes / 2,
      patienceMs,
    });
    const opened = { shell, recent: [] };
    this.#shells.set(call.domain, opened);
    return opened;
  }
}

const closeGraceMs = 1_000;
