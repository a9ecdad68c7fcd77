/**
 * Finds where a hunk belongs. The lines it keeps and removes have to be there, in the strictest tier that has them; the
 * numbers and the heading of its header only choose between equal places. What stays ambiguous is refused.
 */
import { type MatchTier, PaddockError } from "@paddock/contract";
import { describeNearest } from "../nearest.ts";
import { quoted } from "../text.ts";
import type { FileLines } from "./file-lines.ts";
import type { Hunk, HunkLine } from "./patch.ts";
import { foldPunctuation, tiers } from "./tiers.ts";

export interface Place {
  /** Index of the file's line that the first kept or removed line is. */
  at: number;
  tier: MatchTier;
  /** The hunk's lines that were matched: empty ones at its ends may have been left out. */
  lines: readonly HunkLine[];
  /** True when the match covers line endings too, so that added lines are taken as they are. */
  verbatim: boolean;
  warning?: string;
}

interface Search {
  file: FileLines;
  hunk: Hunk;
  /** Where the previous hunk's last change ends. */
  from: number;
  /** How far the previous hunk was from where its numbers said. */
  drift: number;
  name: string;
}

/** Throws patch_mismatch or text_ambiguous, saying what the file holds instead or which places there are. */
export function locate(search: Search): Place {
  const { hunk } = search;
  if (hunk.lines.every(({ mark }) => mark === "+")) return insertion(search);
  const starts = hunk.anchors.length > 0 ? anchored(search) : undefined;
  const place = locateLines(search, hunk.lines, starts) ?? locateLines(search, withoutBlankEnds(hunk.lines), starts);
  if (!place) throw mismatch(search);
  return place;
}

function locateLines(
  search: Search,
  lines: readonly HunkLine[],
  starts: readonly number[] | undefined,
): Place | undefined {
  const run = oldLines(lines);
  if (run.length === 0) return undefined;
  for (const [tier, { name }] of tiers.entries()) {
    const at = placeOf(search, run, tier, starts);
    if (at === undefined) continue;
    const missed = search.hunk.atEnd && at + run.length !== search.file.lines.length;
    const warning = missed ? { warning: `is marked as the end of the file but was found at line ${at + 1}` } : {};
    return { at, tier: name, lines, verbatim: tier === 0, ...warning };
  }
  return undefined;
}

/** The lines that have to be in the file. */
const oldLines = (lines: readonly HunkLine[]): string[] =>
  lines.filter(({ mark }) => mark !== "+").map(({ line }) => line);

/** Empty kept lines at the ends of a hunk often stand for nothing in the file. */
function withoutBlankEnds(lines: readonly HunkLine[]): readonly HunkLine[] {
  const blank = (line: HunkLine | undefined) => line?.mark === " " && line.line.trim() === "";
  let [start, end] = [0, lines.length];
  while (start < end && blank(lines[start])) start += 1;
  while (end > start && blank(lines[end - 1])) end -= 1;
  return start === 0 && end === lines.length ? [] : lines.slice(start, end);
}

function placeOf(
  search: Search,
  run: readonly string[],
  tier: number,
  starts: readonly number[] | undefined,
): number | undefined {
  const { file, hunk, from, drift } = search;
  const end = file.lines.length - run.length;
  if (hunk.atEnd && end >= from && file.matchesAt(run, end, tier)) return end;
  const expected = hunk.expected === undefined ? -1 : hunk.expected + drift;
  if (expected >= from && file.matchesAt(run, expected, tier)) return expected;
  const places = file.find(run, from, tier);
  const candidates = starts ? firstAfterEach(places, starts) : places;
  if (candidates.length < 2) return candidates[0];
  const headed = hunk.heading === undefined ? [] : firstAfterEach(candidates, underHeading(search, hunk.heading));
  if (headed.length === 1) return headed[0];
  throw ambiguous(search, candidates);
}

/** For each start, the first place below it, or else on it. Both rise. */
function firstAfterEach(places: readonly number[], starts: readonly number[]): number[] {
  const found = new Set<number>();
  let next = 0;
  for (const start of starts) {
    while ((places[next] ?? Number.POSITIVE_INFINITY) <= start) next += 1;
    const place = places[next] ?? (places.at(-1) === start ? start : undefined);
    if (place !== undefined) found.add(place);
  }
  return [...found];
}

function underHeading({ file, from }: Search, heading: string): number[] {
  const starts: number[] = [];
  for (let at = from; at < file.lines.length; at += 1) {
    if (file.lines[at]?.trimStart().startsWith(heading)) starts.push(at);
  }
  return starts;
}

/** The lines that the innermost anchor stands for: below each place of the outermost, the first of each further one. */
function anchored(search: Search): number[] {
  const [outermost = "", ...inner] = search.hunk.anchors;
  let starts = linesLike(search, outermost);
  for (const anchor of inner) starts = firstAfterEach(linesLike(search, anchor), starts);
  if (starts.length > 0) return starts;
  const nearest = describeNearest(search.file.lines, search.hunk.anchors.slice(-1));
  const message = `The hunk at line ${search.hunk.at} of the patch belongs below ${quoted(search.hunk.anchors.join(" / "))}, which is not in ${search.name}.`;
  throw new PaddockError("patch_mismatch", `${message} ${nearest.text}`, undefined, nearest.details);
}

const after = ({ from }: Search): string => (from > 0 ? ` from line ${from + 1} on` : "");

/**
 * Where a line stands that is, or failing that holds, the text of an anchor: behind the previous hunk, else anywhere, since
 * hunks below one anchor often repeat it.
 */
function linesLike({ file, from }: Search, anchor: string): number[] {
  for (const start of from > 0 ? [from, 0] : [0]) {
    for (const tier of tiers.keys()) {
      const places = file.find([`${anchor}\n`], start, tier);
      if (places.length > 0) return places;
    }
    const places = linesHolding(file, foldPunctuation(anchor).trim(), start);
    if (places.length > 0) return places;
  }
  return [];
}

function linesHolding(file: FileLines, text: string, from: number): number[] {
  const places: number[] = [];
  for (let at = from; at < file.lines.length; at += 1) {
    if (foldPunctuation(file.lines[at] ?? "").includes(text)) places.push(at);
  }
  return places;
}

/** A hunk that only adds has nothing to verify but its anchor or the end of the file. */
function insertion(search: Search): Place {
  const { file, hunk, from, name } = search;
  const place = { tier: "exact" as const, lines: hunk.lines, verbatim: file.lines.length === 0 };
  if (hunk.anchors.length > 0) {
    const starts = anchored(search);
    const [start] = starts;
    if (start === undefined || starts.length > 1) throw ambiguous(search, starts);
    if (start + 1 < from) throw outOfOrder(search, start + 1);
    return { ...place, at: start + 1 };
  }
  if (file.lines.length > 0 && hunk.expected !== undefined) {
    const message = `The hunk at line ${hunk.at} of the patch has no unchanged line, so its place in ${name} cannot be verified.`;
    throw new PaddockError("patch_mismatch", message, "Give at least one unchanged line beside what is added.");
  }
  const at = Math.max(from, file.lines.length);
  return hunk.atEnd || at === 0
    ? { ...place, at }
    : { ...place, at, warning: "has no unchanged line: added at the end of the file" };
}

function ambiguous({ hunk, name }: Search, places: readonly number[]): PaddockError {
  const shown = places.slice(0, 10).map((at) => at + 1);
  const more = places.length > shown.length ? ` and ${places.length - shown.length} more` : "";
  return new PaddockError(
    "text_ambiguous",
    `The hunk at line ${hunk.at} of the patch fits ${places.length} places in ${name}: lines ${shown.join(", ")}${more}.`,
    "Add unchanged lines around the change, or an @@ line with the text of a line above it, until only one place fits.",
    { hunk_line: hunk.at, candidates: shown },
  );
}

function mismatch(search: Search): PaddockError {
  const { file, hunk, from, name } = search;
  const run = oldLines(hunk.lines);
  const before = from > 0 ? tiers.keys().find((tier) => file.find(run, 0, tier).length > 0) : undefined;
  if (before !== undefined) {
    return outOfOrder(search, (file.find(run, 0, before)[0] ?? 0) + 1);
  }
  const nearest = describeNearest(file.lines, run);
  const message = `The hunk at line ${hunk.at} of the patch does not fit ${name}: the lines it keeps or removes are not there${after(search)}.`;
  return new PaddockError("patch_mismatch", `${message} ${nearest.text}`, undefined, {
    hunk_line: hunk.at,
    ...nearest.details,
  });
}

function outOfOrder({ hunk, name }: Search, line: number): PaddockError {
  return new PaddockError(
    "patch_mismatch",
    `The hunk at line ${hunk.at} of the patch fits line ${line} of ${name}, but the hunk before it already changed what lies further down.`,
    "Put the hunks in the order in which they stand in the file, without overlap.",
  );
}
