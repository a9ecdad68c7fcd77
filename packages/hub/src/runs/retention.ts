/** Forgets runs that ended long ago, a few at a time, so that no call waits for it. */
import type { RunStore } from "./store.ts";

const dayMs = 86_400_000;
const firstAfterMs = 30_000;
const everyMs = 3_600_000;
const pauseMs = 100;
const atOnce = 200;

/** Returns how to stop. */
export function startRetention(store: Pick<RunStore, "prune">, keepDays: number): () => void {
  const sweep = (): void => {
    const pruned = store.prune(Date.now() - keepDays * dayMs, atOnce);
    timer = setTimeout(sweep, pruned === atOnce ? pauseMs : everyMs).unref();
  };
  let timer = setTimeout(sweep, firstAfterMs).unref();
  return () => clearTimeout(timer);
}
