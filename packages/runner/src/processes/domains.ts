/** The cages of the trust domains: one each, opened when first needed, ended when nobody needs it. */
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DoorFor } from "../egress/egress.ts";
import type { Cages } from "../sandbox/cage.ts";
import { guardable } from "../sandbox/git-guard.ts";
import type { Call } from "../tools/handler.ts";
import { DomainCage } from "./domain-cage.ts";

/** What makes a domain; the first call of it decides what its cage shows. */
export type DomainCall = Pick<Call, "domain" | "workspace" | "profile" | "roots" | "principal">;

export interface DomainsOptions {
  cages: Cages;
  /** Emptied: what lies there is of a runner that is gone. */
  folder: string;
  /** Text of a git configuration. */
  gitSettings(): Promise<string>;
  doorFor: DoorFor;
}

interface Guarded {
  path: string;
  guarded: number;
}

export interface Domain {
  readonly key: string;
  readonly workspace: string;
  /** The running cage, or a new one. */
  cage(): Promise<DomainCage>;
}

export class Domains {
  readonly #cages: Cages;
  readonly #folder: string;
  readonly #gitSettings: () => Promise<string>;
  readonly #doorFor: DoorFor;
  readonly #open = new Map<string, Promise<DomainCage>>();
  readonly #live = new Map<string, DomainCage>();
  /** The roots that can be written in a cage, and how much of their repositories is guarded there. */
  readonly #guarded = new WeakMap<DomainCage, readonly Guarded[]>();

  constructor({ cages, folder, gitSettings, doorFor }: DomainsOptions) {
    this.#cages = cages;
    this.#folder = folder;
    this.#gitSettings = gitSettings;
    this.#doorFor = doorFor;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  of(call: DomainCall): Domain {
    const { domain: key, workspace } = call;
    return { key, workspace, cage: async () => this.live(key) ?? this.#opened(key, call) };
  }

  /** The running cage of a domain, null when there is none. */
  live(key: string): DomainCage | null {
    const cage = this.#live.get(key);
    return cage?.isOpen ? cage : null;
  }

  /** Whether there is a repository by now whose configuration can be written in its cage. */
  hasUnguarded(key: string): boolean {
    const cage = this.live(key);
    const roots = cage && this.#guarded.get(cage);
    return roots?.some(({ path, guarded }) => guardable(path) > guarded) ?? false;
  }

  /** Ends the cage of a domain with everything in it. */
  async end(key: string, graceMs: number): Promise<void> {
    // Whoever opened it is told why it could not be; for its end that is the same as none.
    const cage = await this.#open.get(key)?.catch(() => null);
    this.#open.delete(key);
    this.#live.delete(key);
    await cage?.close(graceMs);
  }

  async endAll(graceMs: number): Promise<void> {
    await Promise.all([...this.#open.keys()].map((key) => this.end(key, graceMs)));
  }

  async #begin(call: DomainCall): Promise<DomainCage> {
    const { domain, workspace, profile, roots } = call;
    const folder = join(this.#folder, randomBytes(9).toString("base64url"));
    const gitSettings = await this.#gitSettings();
    const guarded = this.#guardedIn(call);
    const spec = { cwd: workspace, profile, domain, roots: roots.list, doorway: this.#doorFor(call) };
    const cage = await DomainCage.open(this.#cages, spec, { folder, gitSettings });
    this.#guarded.set(cage, guarded);
    return cage;
  }

  /** What guards a repository is settled when a cage begins, where it is mounts that guard it. */
  #guardedIn({ profile, roots }: DomainCall): Guarded[] {
    const { kind } = this.#cages;
    if (profile === "readonly" || (kind !== "bwrap" && kind !== "docker")) return [];
    return roots.list.filter(({ write }) => write).map(({ path }) => ({ path, guarded: guardable(path) }));
  }

  async #opened(key: string, call: DomainCall): Promise<DomainCage> {
    const opening = this.#open.get(key);
    const cage = await opening;
    if (cage?.isOpen) return cage;
    if (this.#open.get(key) !== opening) return this.#opened(key, call);
    const fresh = this.#begin(call);
    this.#open.set(key, fresh);
    try {
      const opened = await fresh;
      this.#live.set(key, opened);
      return opened;
    } catch (error) {
      this.#open.delete(key);
      throw error;
    }
  }
}
