/** What one caller notices of another's heavy work. */
import { setTimeout as wait } from "node:timers/promises";
import type { Figure } from "../figure.ts";
import { residentOf } from "../memory.ts";
import type { Stage } from "../stage.ts";
import { median, percentile } from "../statistics.ts";
import { needle } from "../tree.ts";
import { watch } from "./load.ts";

const greps = 12;
const pauseMs = 2;
const printing = "yes 'a line that a noisy command prints again and again' | head -c 1000000000";

export const duringGrep: Figure = {
  name: "during-grep",
  async measure(stage) {
    const [idle, busy]: [number[], number[]] = [[], []];
    for (let round = 0; round < greps; round += 1) {
      idle.push(...(await latenciesDuring(stage, () => wait(200))));
      busy.push(...(await latenciesDuring(stage, () => stage.caller.call("grep", { pattern: needle }))));
    }
    return [
      {
        name: "another's agent_status while a grep runs",
        unit: "us",
        ours: median(busy) * 1000,
        base: { what: "the same, idle", value: median(idle) * 1000 },
        limit: { most: 4 },
      },
    ];
  },
};

export const duringOutput: Figure = {
  name: "during-output",
  async measure(stage) {
    const { runner } = stage.pids;
    const watched = watch(() => residentOf([runner]));
    const times = await latenciesDuring(stage, () =>
      stage.caller.call("run_command", { command: printing, timeout_seconds: 60 }),
    );
    return [
      {
        name: "another's agent_status while a command prints 1 GB, p99",
        unit: "ms",
        ours: percentile(times, 99),
        base: null,
        limit: { most: 100 },
      },
      { name: "the runner meanwhile", unit: "MB", ours: watched(), base: null, limit: { most: 200 }, note: "RSS" },
    ];
  },
};

/** Milliseconds of the neighbour's calls, one after the other with a pause, as long as the work takes. */
async function latenciesDuring({ neighbour }: Stage, work: () => Promise<unknown>): Promise<number[]> {
  let isOver = false;
  const done = work().finally(() => {
    isOver = true;
  });
  const times: number[] = [];
  while (!isOver) {
    const begun = performance.now();
    await neighbour.send("agent_status", {});
    times.push(performance.now() - begun);
    await wait(pauseMs);
  }
  await done;
  return times;
}
