/**
 * Notices cages whose places for processes are all taken, and has them ended: no further command could start there, and a
 * tree that forks without end would go on for ever. A command may need all of them for a moment; nothing can be done with
 * them for long.
 */
export interface Watched {
  /** Processes and threads that a cage may hold. */
  maxPlaces: number;
  /** How many of them are taken in the cage of a domain. */
  places(domain: string): number;
  /** Whether a command runs there. */
  busy(domain: string): boolean;
  end(domain: string): Promise<void>;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
}

interface Watch {
  timer: NodeJS.Timeout | null;
  /** Places that were taken at the look before. */
  taken: number;
  /** When a look found it full, since it was last calm. */
  fullSince: number | null;
}

export class CrowdWatch {
  readonly #watched: Watched;
  readonly #watches = new Map<string, Watch>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** To be called before and after a command: looks soon, and goes on while one runs or what is there grows. */
  watch(domain: string): void {
    const watch = this.#watches.get(domain) ?? { timer: null, taken: 0, fullSince: null };
    this.#watches.set(domain, watch);
    this.#lookAfter(domain, watch, firstLookMs);
  }

  close(): void {
    for (const { timer } of this.#watches.values()) if (timer) clearTimeout(timer);
    this.#watches.clear();
  }

  #lookAfter(domain: string, watch: Watch, milliseconds: number): void {
    watch.timer ??= setTimeout(() => {
      watch.timer = null;
      this.#look(domain, watch);
    }, milliseconds).unref();
  }

  #look(domain: string, watch: Watch): void {
    const { maxPlaces, places, busy, end, now } = this.#watched;
    const taken = places(domain);
    const isFull = taken >= maxPlaces * fullShare;
    if (isFull) watch.fullSince ??= now();
    else if (taken < maxPlaces * calmShare) watch.fullSince = null;
    const isGrowing = taken > watch.taken;
    watch.taken = taken;
    const isBusy = busy(domain);
    const isLasting = watch.fullSince !== null && now() - watch.fullSince >= patienceMs;
    if (isFull && (!isBusy || isLasting)) {
      this.#watches.delete(domain);
      void end(domain);
    } else if (isGrowing || watch.fullSince !== null) this.#lookAfter(domain, watch, nextLookMs);
    else if (isBusy) this.#lookAfter(domain, watch, calmLookMs);
    else this.#watches.delete(domain);
  }
}

const firstLookMs = 100;
const nextLookMs = 500;
const calmLookMs = 2_000;
const patienceMs = 5_000;
const fullShare = 0.95;
const calmShare = 0.8;
