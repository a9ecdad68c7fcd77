/**
 * The lines of a file, searchable for a run of lines in any tier. Lines become numbers once per tier, so that a run with a
 * line that the file does not have costs nothing and any other costs one pass (Knuth, Morris and Pratt).
 */
import { tiers } from "./tiers.ts";

interface Keyed {
  ids: Int32Array;
  known: Map<string, number>;
}

export class FileLines {
  readonly lines: readonly string[];
  readonly #keyed: Keyed[] = [];

  constructor(lines: readonly string[]) {
    this.lines = lines;
  }

  /** Whether the run stands at a place. */
  matchesAt(run: readonly string[], at: number, tier: number): boolean {
    if (at < 0 || at + run.length > this.lines.length) return false;
    const key = keyOf(tier);
    return run.every((line, ahead) => key(line) === key(this.lines[at + ahead] ?? ""));
  }

  /** Every place, from `from` on, at which the run stands. */
  find(run: readonly string[], from: number, tier: number): number[] {
    const { ids, known } = this.#keys(tier);
    const key = keyOf(tier);
    const wanted: number[] = [];
    for (const line of run) {
      const id = known.get(key(line));
      if (id === undefined) return [];
      wanted.push(id);
    }
    return occurrences(ids, Int32Array.from(wanted), from);
  }

  #keys(tier: number): Keyed {
    const present = this.#keyed[tier];
    if (present) return present;
    const key = keyOf(tier);
    const known = new Map<string, number>();
    const ids = new Int32Array(this.lines.length);
    for (let at = 0; at < this.lines.length; at += 1) {
      const text = key(this.lines[at] ?? "");
      const id = known.get(text) ?? known.size;
      known.set(text, id);
      ids[at] = id;
    }
    const made = { ids, known };
    this.#keyed[tier] = made;
    return made;
  }
}

const keyOf = (tier: number): ((line: string) => string) => tiers[tier]?.key ?? ((line) => line);

function occurrences(ids: Int32Array, run: Int32Array, from: number): number[] {
  const fallback = borders(run);
  const places: number[] = [];
  let matched = 0;
  for (let at = Math.max(0, from); at < ids.length; at += 1) {
    while (matched > 0 && ids[at] !== run[matched]) matched = fallback[matched - 1] ?? 0;
    if (ids[at] === run[matched]) matched += 1;
    if (matched === run.length) {
      places.push(at - run.length + 1);
      matched = fallback[matched - 1] ?? 0;
    }
  }
  return places;
}

/** For each beginning of the run, the length of its longest proper beginning that is also its end. */
function borders(run: Int32Array): Int32Array {
  const lengths = new Int32Array(run.length);
  let matched = 0;
  for (let at = 1; at < run.length; at += 1) {
    while (matched > 0 && run[at] !== run[matched]) matched = lengths[matched - 1] ?? 0;
    if (run[at] === run[matched]) matched += 1;
    lengths[at] = matched;
  }
  return lengths;
}
