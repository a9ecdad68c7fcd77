/** A thread that swaps two names as fast as it can: what an attacker does to a check that is apart from its use. */
import { renameSync, rmSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

const { one, other, spare } = workerData as { one: string; other: string; spare: string };

/** Swaps between two looks at the messages. */
const rounds = 200;
let stopped = false;

function swap(): void {
  for (let round = 0; round < rounds; round += 1) {
    renameSync(one, spare);
    replace(other, one);
    renameSync(spare, other);
  }
  if (!stopped) setImmediate(swap);
}

/** While the name is free, what is attacked may make a directory there, and go on filling it. */
function replace(from: string, to: string): void {
  while (!isDone(() => renameSync(from, to))) isDone(() => rmSync(to, { recursive: true, force: true }));
}

function isDone(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

parentPort?.once("message", () => {
  stopped = true;
});
parentPort?.postMessage("swapping");
swap();
