/** What the bench measures: figures beside a base from the same run, or beside an absolute limit. */
import type { Stage } from "./stage.ts";
import { median } from "./statistics.ts";

export type Unit = "us" | "ms" | "MB" | "kB" | "MB/s" | "/s";

export interface Measured {
  name: string;
  unit: Unit;
  ours: number;
  /** Null where the limit is absolute. */
  base: { what: string; value: number } | null;
  /** Of ours to the base, or of ours itself in its unit. */
  limit: { most: number } | { least: number };
  /** How it was measured, where the name does not say it. */
  note?: string;
}

export interface Figure {
  /** For `--only`. */
  name: string;
  measure(stage: Stage): Promise<Measured[]>;
}

/** A figure that needs no stage. */
export interface LoneFigure {
  name: string;
  measure(): Promise<Measured[]>;
}

export const ratioOf = ({ ours, base }: Measured): number => (base === null ? ours : ours / base.value);

export function holds(measured: Measured): boolean {
  const { limit } = measured;
  return "most" in limit ? ratioOf(measured) <= limit.most : ratioOf(measured) >= limit.least;
}

export interface Rounds {
  rounds: number;
  /** Times that each side is run in a round. */
  each: number;
}

export type Work = (number: number) => Promise<unknown>;

/**
 * Medians in milliseconds of several works, run in turns, so that whatever else the machine does falls on all of them. The
 * first round warms up and is not counted.
 */
export async function inTurns<K extends string>(
  works: Readonly<Record<K, Work>>,
  { rounds, each }: Rounds,
): Promise<Record<K, number>> {
  const names = Object.keys(works) as K[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<K, number[]>;
  let number = 0;
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      for (let turn = 0; turn < each; turn += 1) {
        number += 1;
        const begun = performance.now();
        await works[name](number);
        if (round > 0) times[name].push(performance.now() - begun);
      }
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<K, number>;
}
