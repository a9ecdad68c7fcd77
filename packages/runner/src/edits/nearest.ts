/** Where a text that is not in a file nearly is, and what differs there: enough to repair an edit without reading again. */
import { changesBetween } from "./align.ts";
import { foldPunctuation } from "./patch/tiers.ts";
import { bodyOf, clipped } from "./text.ts";

export interface Difference {
  /** Line of the file, from 1. */
  line: number;
  /** At most 160 characters of the line, without its ending. */
  given?: string;
  found?: string;
}

export interface Nearest {
  /** For the error message. */
  text: string;
  /** The same for programs; null where nothing is similar. */
  details: { nearest: { line: number; differences: Difference[] } | null };
}

const maxFileLines = 50_000;
const maxGivenLines = 2_000;
const maxDifferences = 6;

/** Compares the given lines with the place of the file that is most like them. */
export function describeNearest(file: readonly string[], given: readonly string[]): Nearest {
  const wanted = given.slice(0, maxGivenLines);
  const start = nearestStart(file.slice(0, maxFileLines), wanted);
  if (start === undefined) {
    return { text: `Nothing in the file (${file.length} lines) is like it.`, details: { nearest: null } };
  }
  const differences = differencesAt(file, wanted, start);
  const line = differences[0]?.line ?? start + 1;
  const shown = differences.slice(0, maxDifferences);
  const more = differences.length - shown.length;
  const said = shown.map(sentence).join("; ") || "only line endings, or what lies further down, differ";
  const text = `The nearest place is at line ${start + 1}; there ${said}${more > 0 ? `; and ${more} more lines differ` : ""}.`;
  return { text, details: { nearest: { line, differences: shown } } };
}

function sentence({ line, given, found }: Difference): string {
  if (given === undefined) return `line ${line} is ${JSON.stringify(found)}, which was not given`;
  if (found === undefined) return `${JSON.stringify(given)} is missing before line ${line}`;
  return `line ${line} is ${JSON.stringify(found)} where ${JSON.stringify(given)} was given`;
}

function differencesAt(file: readonly string[], wanted: readonly string[], start: number): Difference[] {
  const from = Math.max(0, start);
  const there = file.slice(from, start + wanted.length).map(bodyOf);
  const differences: Difference[] = [];
  for (const { oldStart, oldCount, newStart, newCount } of changesBetween(wanted.map(bodyOf), there)) {
    for (let step = 0; step < Math.max(oldCount, newCount); step += 1) {
      const line = from + newStart + Math.min(step, newCount) + 1;
      const given = step < oldCount ? { given: clipped(wanted[oldStart + step] ?? "") } : {};
      const found = step < newCount ? { found: clipped(there[newStart + step] ?? "") } : {};
      differences.push({ line, ...given, ...found });
    }
  }
  return differences;
}

/** All that matters for likeness: no space, no case, plain punctuation. */
const essence = (line: string): string => foldPunctuation(line).replace(/\s+/g, "").toLowerCase();

/** The start at which most lines agree, long lines counting more; else where one line is similar. */
function nearestStart(file: readonly string[], wanted: readonly string[]): number | undefined {
  let best: { start: number; weight: number } | undefined;
  for (const [start, weight] of votes(file, wanted)) if (weight > (best?.weight ?? 0)) best = { start, weight };
  return best && best.weight >= 4 ? Math.max(0, best.start) : similarStart(file, wanted);
}

/** For each start, how much agrees when the given lines begin there. */
function votes(file: readonly string[], wanted: readonly string[]): Map<number, number> {
  const places = placesOf(wanted);
  const weights = new Map<number, number>();
  for (const [at, line] of file.entries()) {
    const key = essence(line);
    for (const place of places.get(key) ?? []) {
      weights.set(at - place, (weights.get(at - place) ?? 0) + Math.min(key.length, 20));
    }
  }
  return weights;
}

/** Where each line stands, by its essence; the first four places are enough. */
function placesOf(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [at, line] of lines.entries()) {
    const key = essence(line);
    const list = places.get(key) ?? [];
    if (key !== "" && list.length < 4) places.set(key, [...list, at]);
  }
  return places;
}

/** Where the line with the most words of the longest given line stands, if it has half of them. */
function similarStart(file: readonly string[], wanted: readonly string[]): number | undefined {
  const longest = wanted.reduce(
    (best, line, at) => (essence(line).length > essence(wanted[best] ?? "").length ? at : best),
    0,
  );
  const words = wordsOf(wanted[longest] ?? "");
  if (words.size === 0) return undefined;
  let best: { at: number; share: number } | undefined;
  for (const [at, line] of file.entries()) {
    const others = wordsOf(line);
    const common = words.intersection(others).size;
    const share = common / Math.max(words.size, others.size);
    if (common > 0 && share >= 0.5 && share > (best?.share ?? 0)) best = { at, share };
  }
  return best && Math.max(0, best.at - longest);
}

const wordsOf = (line: string): Set<string> =>
  new Set(
    line
      .slice(0, 500)
      .toLowerCase()
      .match(/[\p{L}\p{N}_]+/gu),
  );
