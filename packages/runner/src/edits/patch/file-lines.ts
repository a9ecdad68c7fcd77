/**
 * The lines of a file, searchable for a run of lines in any tier. What a tier compares is worked out once; a run with a line
 * that the file does not have costs one look, any other one pass (Knuth, Morris and Pratt).
 */
import { tiers } from "./tiers.ts";

export class FileLines {
  readonly lines: readonly string[];
  readonly #keys: (readonly string[])[] = [];

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
    const keys = this.#keysOf(tier);
    const wanted = run.map(keyOf(tier));
    const longest = wanted.reduce((best, key) => (key.length > best.length ? key : best), "");
    return keys.includes(longest, from) ? occurrences(keys, wanted, from) : [];
  }

  #keysOf(tier: number): readonly string[] {
    const present = this.#keys[tier];
    if (present) return present;
    const made = tier === 0 ? this.lines : this.lines.map(keyOf(tier));
    this.#keys[tier] = made;
    return made;
  }
}

const keyOf = (tier: number): ((line: string) => string) => tiers[tier]?.key ?? ((line) => line);

function occurrences(keys: readonly string[], run: readonly string[], from: number): number[] {
  const fallback = borders(run);
  const places: number[] = [];
  let matched = 0;
  for (let at = Math.max(0, from); at < keys.length; at += 1) {
    while (matched > 0 && keys[at] !== run[matched]) matched = fallback[matched - 1] ?? 0;
    if (keys[at] === run[matched]) matched += 1;
    if (matched === run.length) {
      places.push(at - run.length + 1);
      matched = fallback[matched - 1] ?? 0;
    }
  }
  return places;
}

/** For each beginning of the run, the length of its longest proper beginning that is also its end. */
function borders(run: readonly string[]): Int32Array {
  const lengths = new Int32Array(run.length);
  let matched = 0;
  for (let at = 1; at < run.length; at += 1) {
    while (matched > 0 && run[at] !== run[matched]) matched = lengths[matched - 1] ?? 0;
    if (run[at] === run[matched]) matched += 1;
    lengths[at] = matched;
  }
  return lengths;
}
