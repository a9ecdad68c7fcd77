/**
 * Ends a command that runs in a shell, with everything it started and nothing else. The shell's bash is stopped first, so
 * that it does not go on to what stands behind `||` when its child is killed; then it ends too, saying its state.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { DomainCage } from "../processes/domain-cage.ts";
import { endAll } from "../processes/end-task.ts";
import { descendantsOf, type Entry, pidInside, signalExactly, ticksAgo } from "../processes/process-table.ts";
import type { Driver } from "./driver.ts";

const graceMs = 500;
const endMs = 1_000;
/** How far off the estimate of a start may be, in hundredths of a second. */
const coarseTicks = 3;

/**
 * The processes that a command has started, which began to run `begunAt` (of performance.now()). The kernel's clock of starts
 * is coarse: of what began about then, the jobs that earlier commands have left are told apart by their pids.
 */
export function startedBy(cage: DomainCage, driver: Driver, begunAt: number): () => Entry[] {
  const since = ticksAgo(performance.now() - begunAt);
  const { lastJob } = driver;
  const isEarlierJob = ({ pid, startTicks }: Entry) =>
    startTicks - since <= coarseTicks && (pidInside(pid) ?? 0) <= lastJob;
  return () => {
    const leader = driver.task.leader();
    const recent = cage
      .looseMembers(driver.task)
      .filter(({ pid, startTicks }) => pid !== leader?.pid && startTicks >= since);
    const earlier = new Set(recent.filter(isEarlierJob).flatMap(({ pid }) => descendantsOf(pid, recent)));
    return recent.filter((entry) => !earlier.has(entry));
  };
}

/** Resolves when the command and the bash it ran in have ended. The cage is ended as a whole when nothing less helps. */
export async function interrupt(cage: DomainCage, driver: Driver, begunAt: number): Promise<void> {
  const leader = driver.task.leader();
  if (leader) signalExactly(leader, "SIGSTOP");
  const isEnded = await endAll(startedBy(cage, driver, begunAt), graceMs);
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (leader) signalExactly(leader, signal);
    if (leader) signalExactly(leader, "SIGCONT");
    if (await endsWithin(driver, endMs)) {
      if (isEnded) return;
      break;
    }
  }
  await cage.close(0);
  await driver.ended;
}

async function endsWithin(driver: Driver, milliseconds: number): Promise<boolean> {
  const patience = new AbortController();
  const late = delay(milliseconds, false, { signal: patience.signal, ref: false }).catch(() => false);
  const isEnded = await Promise.race([driver.ended.then(() => true), late]);
  patience.abort();
  return isEnded;
}
