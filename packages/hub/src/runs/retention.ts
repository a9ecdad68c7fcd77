/** Forgets runs that ended long ago, a few at a time, so that no call waits for it. */
import { PaddockError } from "@paddock/contract";
import type { Logger } from "pino";
import type { RunStore } from "./store.ts";

export interface RetentionParts {
  store: Pick<RunStore, "prune">;
  keepDays: number;
  log: Pick<Logger, "warn">;
}

const dayMs = 86_400_000;
const firstAfterMs = 30_000;
const everyMs = 3_600_000;
const pauseMs = 100;
const atOnce = 200;

/** Returns how to stop. */
export function startRetention({ store, keepDays, log }: RetentionParts): () => void {
  const prune = (): number => {
    try {
      return store.prune(Date.now() - keepDays * dayMs, atOnce);
    } catch (error) {
      if (!(error instanceof PaddockError)) throw error;
      log.warn({ err: error }, "old runs could not be forgotten; the next attempt is in an hour");
      return 0;
    }
  };
  const sweep = (): void => {
    timer = setTimeout(sweep, prune() === atOnce ? pauseMs : everyMs).unref();
  };
  let timer = setTimeout(sweep, firstAfterMs).unref();
  return () => clearTimeout(timer);
}
