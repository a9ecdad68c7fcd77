/** From the start of `paddock up` to its ready line, and what hub and runner hold when nothing is asked of them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { paddockCommand, startWorld, type World } from "../../test/world/world.ts";
import { inTurns, type LoneFigure } from "../figure.ts";
import { memoryOf, partsOf } from "../memory.ts";
import { firstLine } from "../stage.ts";

const settleMs = 3_000;

export const start: LoneFigure = {
  name: "start",
  async measure() {
    await using world = await startWorld({ up: false });
    let running: ChildProcess | null = null;
    const { base, ours } = await inTurns(
      {
        base: async () => {
          if (running) await end(running);
          running = null;
          await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "close");
        },
        ours: async () => {
          running = up(world);
          await firstLine(running);
        },
      },
      { rounds: 8, each: 1 },
    );
    if (running) await end(running);
    return [
      { name: "start to ready", unit: "ms", ours, base: { what: "node -e 0", value: base }, limit: { most: 16 } },
    ];
  },
};

export const idle: LoneFigure = {
  name: "idle",
  async measure() {
    await using world = await startWorld();
    await wait(settleMs);
    const { rss, pss } = memoryOf(partsOf(world.home));
    return [
      {
        name: "hub and runner, idle",
        unit: "MB",
        ours: rss,
        base: null,
        limit: { most: 170 },
        note: `RSS of both; PSS ${pss.toFixed(0)} MB`,
      },
    ];
  },
};

const up = ({ environment }: World): ChildProcess =>
  spawn(process.execPath, [paddockCommand, "up", "--json"], { env: environment, stdio: ["ignore", "pipe", "inherit"] });

async function end(child: ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  await once(child, "exit");
}
