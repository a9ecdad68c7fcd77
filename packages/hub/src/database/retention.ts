/** Forgets what ended long ago, a few at a time, so that no call waits for it: runs, tokens, consents. The audit log has them. */
import { PaddockError } from "@paddock/contract";
import type { Logger } from "pino";

/** Forgets what ended before `before`, at most `limit` of it; returns how many. */
export type Forget = (before: number, limit: number) => number;

export interface RetentionParts {
  forget: readonly Forget[];
  keepDays: number;
  log: Pick<Logger, "warn">;
}

const dayMs = 86_400_000;
const firstAfterMs = 30_000;
const everyMs = 3_600_000;
const pauseMs = 100;
const atOnce = 200;

/** Returns how to stop. */
export function startRetention({ forget, keepDays, log }: RetentionParts): () => void {
  const attempt = (one: Forget): number => {
    try {
      return one(Date.now() - keepDays * dayMs, atOnce);
    } catch (error) {
      if (!(error instanceof PaddockError)) throw error;
      log.warn({ err: error }, "what ended long ago could not be forgotten; the next attempt is in an hour");
      return 0;
    }
  };
  const sweep = (): void => {
    const hasMore = forget.map(attempt).includes(atOnce);
    timer = setTimeout(sweep, hasMore ? pauseMs : everyMs).unref();
  };
  let timer = setTimeout(sweep, firstAfterMs).unref();
  return () => clearTimeout(timer);
}
