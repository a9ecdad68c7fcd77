/** What goes wrong, one thing after another, as a seed draws it. */
import { setTimeout as wait } from "node:timers/promises";
import type { BadLine, Weather } from "./bad-line.ts";
import type { Kept } from "./kept.ts";
import type { Host } from "./network.ts";

export interface Sufferer {
  host: Host;
  line: BadLine;
  runner: Kept;
}

export interface Stage {
  machines: readonly Sufferer[];
  hub: Kept;
  random(): number;
  /** Whether there is time for what takes a minute. */
  patient: boolean;
}

type Trouble = (stage: Stage, one: Sufferer) => Promise<void>;

const during =
  (weather: Weather, seconds: number): Trouble =>
  async (_, { line }) => {
    line.weather = weather;
    await wait(seconds * 1000);
    line.weather = "fine";
  };

const cut =
  (seconds: number): Trouble =>
  async (_, { host }) => {
    host.cut();
    await wait(seconds * 1000);
    host.mend();
  };

const onLine: Readonly<Record<string, Trouble>> = {
  "a short cut": cut(2),
  "a cut": cut(7),
  "a slow line": during("slow", 4),
  "a silent line": during("silent", 5),
  "a torn line": during("torn", 4),
  "a reset": async (_, { line }) => line.reset(),
  "resets in a row": async (_, { line }) => {
    for (let times = 0; times < 5; times += 1) {
      line.reset();
      await wait(300);
    }
  },
};

const onProcesses: Readonly<Record<string, Trouble>> = {
  "the hub killed": async ({ hub }) => hub.kill(),
  "a runner killed": async (_, { runner }) => runner.kill(),
  "hub and runner killed": async ({ hub }, { runner }) => {
    hub.kill();
    runner.kill();
  },
};

/** Longer than either side believes in the other. */
const long: Readonly<Record<string, Trouble>> = { "a long cut": cut(50) };

const pauseMs = 1_500;

/** Goes on until `until()`; `kills`: whether processes die too. Returns how often each trouble came. */
export async function storm(stage: Stage, kills: boolean, until: () => boolean): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  const troubles = Object.entries({
    ...onLine,
    ...(kills ? onProcesses : {}),
    ...(kills && stage.patient ? long : {}),
  });
  const pick = <T>(from: readonly T[]): T => from[Math.floor(stage.random() * from.length)] as T;
  const one = async (sufferer: Sufferer): Promise<void> => {
    while (!until()) {
      const [name, trouble] = pick(troubles);
      seen[name] = (seen[name] ?? 0) + 1;
      await trouble(stage, sufferer);
      await wait(pauseMs * (1 + stage.random()));
    }
  };
  await Promise.all(stage.machines.map(one));
  return seen;
}

/** The same numbers for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
