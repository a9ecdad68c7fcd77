/** Many clients at once: how many calls a second beside the echo, and what that costs in memory. */
import type { Figure, Work } from "../figure.ts";
import { residentOf } from "../memory.ts";
import { median } from "../statistics.ts";
import { kilobyteFile } from "../tree.ts";

const clients = 32;
const rounds = 4;
const roundMs = 1_500;

export const manyClients: Figure = {
  name: "load",
  async measure({ echo, caller, pids }) {
    const question = JSON.stringify({ path: kilobyteFile });
    const [base, ours, memory]: number[][] = [[], [], []];
    const both = [pids.hub, pids.runner];
    for (let round = 0; round <= rounds; round += 1) {
      const baseRate = await rate(() => echo.post("/echo", question));
      const watched = watch(() => residentOf(both));
      const ourRate = await rate(() => caller.send("read_text_file", { path: kilobyteFile }));
      memory?.push(watched());
      // The first round warms up.
      if (round > 0) base?.push(baseRate);
      if (round > 0) ours?.push(ourRate);
    }
    return [
      {
        name: "32 clients reading 1 KB",
        unit: "/s",
        ours: median(ours ?? []),
        base: { what: "echo, 32 clients", value: median(base ?? []) },
        limit: { least: 0.12 },
      },
      {
        name: "hub and runner meanwhile",
        unit: "MB",
        ours: Math.max(...(memory ?? [])),
        base: null,
        limit: { most: 300 },
        note: "RSS, the most of all rounds",
      },
    ];
  },
};

/** Calls a second by all clients together. */
async function rate(work: Work): Promise<number> {
  const begun = performance.now();
  let done = 0;
  const client = async () => {
    while (performance.now() - begun < roundMs) {
      await work(done);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return done / ((performance.now() - begun) / 1000);
}

/** Looks again and again; what it returns ends that and gives the most that was seen. */
export function watch(look: () => number): () => number {
  let most = look();
  const timer = setInterval(() => {
    most = Math.max(most, look());
  }, 25);
  return () => {
    clearInterval(timer);
    return Math.max(most, look());
  };
}
