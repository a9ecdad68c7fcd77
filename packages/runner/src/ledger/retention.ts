/** Forgets ended runs after their time: once at the start, then every hour. */
import type { Ledger } from "./ledger.ts";

const everyMs = 3_600_000;
const dayMs = 86_400_000;

/** Returns how to stop. */
export function keepPruned(ledger: Ledger, days: number): () => void {
  const prune = () => ledger.prune(Date.now() - days * dayMs);
  prune();
  const timer = setInterval(prune, everyMs).unref();
  return () => clearInterval(timer);
}
