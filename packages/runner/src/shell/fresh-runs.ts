/**
 * Commands that run by themselves, each in a cage of its own or in none: how many of a trust domain there are, and the way
 * to end them all. Each cage has its limits for itself, so that their number is what bounds them together.
 */
import { PaddockError } from "@paddock/contract";
import type { Caged, CageSpec, Cages } from "../sandbox/cage.ts";

export class FreshRuns {
  readonly #cages: Cages;
  readonly #most: number;
  readonly #running = new Map<Promise<Caged>, string>();

  /** `most` at once in one domain. */
  constructor(cages: Cages, most: number) {
    this.#cages = cages;
    this.#most = most;
  }

  /** Throws too_many, and what cages throw. */
  async start(spec: CageSpec): Promise<Caged> {
    const own = [...this.#running.values()].filter((domain) => domain === spec.domain).length;
    if (own >= this.#most) throw new PaddockError("too_many", `${own} commands with needs of their own run already.`);
    const starting = this.#cages.start(spec);
    this.#running.set(starting, spec.domain);
    const forget = () => this.#running.delete(starting);
    starting.then(({ exited }) => exited.then(forget), forget);
    return starting;
  }

  /** Ends those of the domains that `which` names, with everything they started. */
  async end(which: (domain: string) => boolean): Promise<void> {
    const ending = [...this.#running].filter(([, domain]) => which(domain));
    await Promise.all(ending.map(async ([starting]) => (await starting.catch(() => null))?.kill(0)));
  }
}
