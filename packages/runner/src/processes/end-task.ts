/** Ends processes: asks, waits, then kills until none is left. */
import { setTimeout as delay } from "node:timers/promises";
import { type Entry, isAlive, signalExactly } from "./process-table.ts";

const pauseMs = 20;
const killMs = 5_000;

/** `find` tells what is still there. Returns false when some could not be ended within 5 s of being killed. */
export async function endAll(find: () => readonly Entry[], graceMs: number): Promise<boolean> {
  if (graceMs > 0) {
    const asked = find();
    for (const entry of asked) signalExactly(entry, "SIGTERM");
    await untilNone(() => asked.filter(isAlive), graceMs);
  }
  return untilNone(() => {
    const left = find();
    // All are stopped before the first is killed: a tree that forks without end cannot outrun that.
    for (const entry of left) signalExactly(entry, "SIGSTOP");
    for (const entry of left) signalExactly(entry, "SIGKILL");
    return left;
  }, killMs);
}

async function untilNone(find: () => readonly unknown[], withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (find().length > 0) {
    if (performance.now() > deadline) return false;
    await delay(pauseMs);
  }
  return true;
}
