/**
 * The time that commands are given stands still while the owner is asked on behalf of their trust domain, so that an answer
 * never comes too late for the command that waits for it. The deadline of the run goes on: it covers the time of an answer.
 */

/** Calls `act` once after so much time, pauses not counted, unless it is stopped before. */
export type PausingTimer = (ms: number, act: () => void) => () => void;

interface Timer {
  pause(): void;
  goOn(): void;
}

export class Pauses {
  /** Open questions of each domain. */
  readonly #open = new Map<string, number>();
  readonly #timers = new Map<string, Set<Timer>>();

  /** While this lasts the commands of that domain lose no time. */
  async during<T>(domain: string, wait: () => Promise<T>): Promise<T> {
    if (this.#change(domain, 1) === 1) for (const timer of this.#timers.get(domain) ?? []) timer.pause();
    try {
      return await wait();
    } finally {
      if (this.#change(domain, -1) === 0) for (const timer of this.#timers.get(domain) ?? []) timer.goOn();
    }
  }

  timerFor(domain: string): PausingTimer {
    return (ms, act) => {
      const timers = this.#timers.get(domain) ?? new Set();
      this.#timers.set(domain, timers);
      const timer = startTimer(ms, act, this.#open.has(domain));
      timers.add(timer);
      return () => {
        timer.pause();
        timers.delete(timer);
        if (timers.size === 0) this.#timers.delete(domain);
      };
    };
  }

  #change(domain: string, by: number): number {
    const open = (this.#open.get(domain) ?? 0) + by;
    if (open === 0) this.#open.delete(domain);
    else this.#open.set(domain, open);
    return open;
  }
}

function startTimer(ms: number, act: () => void, paused: boolean): Timer {
  let left = ms;
  let since = 0;
  let timer: NodeJS.Timeout | null = null;
  const goOn = () => {
    since = performance.now();
    timer ??= setTimeout(act, left);
  };
  const pause = () => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    left = Math.max(0, left - (performance.now() - since));
  };
  if (!paused) goOn();
  return { pause, goOn };
}
