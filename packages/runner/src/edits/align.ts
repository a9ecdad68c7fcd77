/**
 * Which lines of two texts are the same: the fewest changed lines that turn one into the other (Myers), found in bounded
 * work. Texts too different for that are first split at the lines that occur once in each (patience).
 */
import { diffArrays } from "diff/lib/diff/array.js";
import { anchorsBetween } from "./anchors.ts";

/** Lines `oldStart` to `oldStart + oldCount` (from 0) were replaced by `newCount` lines from `newStart`. */
export interface Change {
  oldStart: number;
  oldCount: number;
  newStart: number;
  newCount: number;
}

/** Work grows with the square of the number of changed lines. */
const maxChangedLines = 1000;
const maxChangedLinesInGap = 200;
/** Of longer texts only a few changes are told apart. */
const maxBlockLines = 400_000;
const maxGapWork = 1_000_000;

/** The changes from one list of lines to another, in order. */
export function changesBetween(before: readonly string[], after: readonly string[]): Change[] {
  const shortest = Math.min(before.length, after.length);
  let head = 0;
  while (head < shortest && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shortest - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const block: Change = {
    oldStart: head,
    oldCount: before.length - tail - head,
    newStart: head,
    newCount: after.length - tail - head,
  };
  if (block.oldCount === 0 && block.newCount === 0) return [];
  if (block.oldCount <= 1 && block.newCount <= 1) return [block];
  if (block.oldCount + block.newCount > maxBlockLines) {
    return fewest(before, after, block, maxChangedLinesInGap) ?? [block];
  }
  if (moreThan(maxChangedLines, before, after, block)) return betweenAnchors(before, after, block);
  return fewest(before, after, block, maxChangedLines) ?? betweenAnchors(before, after, block);
}

/** Myers within one block; undefined when more lines differ than the limit. */
function fewest(
  before: readonly string[],
  after: readonly string[],
  block: Change,
  limit: number,
): Change[] | undefined {
  if (block.oldCount === 0 || block.newCount === 0) return [block];
  const oldLines = before.slice(block.oldStart, block.oldStart + block.oldCount);
  const newLines = after.slice(block.newStart, block.newStart + block.newCount);
  const pieces = diffArrays(oldLines, newLines, { maxEditLength: limit });
  return pieces && changesOf(pieces, block.oldStart, block.newStart);
}

/** Whether more lines than the limit are on one side only. */
function moreThan(limit: number, before: readonly string[], after: readonly string[], block: Change): boolean {
  const oldLines = before.slice(block.oldStart, block.oldStart + block.oldCount);
  const newLines = after.slice(block.newStart, block.newStart + block.newCount);
  return strangers(oldLines, newLines, limit) + strangers(newLines, oldLines, limit) > limit;
}

/** How many lines the other side does not have at all. Counts no further than the limit. */
function strangers(lines: readonly string[], others: readonly string[], limit: number): number {
  if (lines.length <= limit / 2) return 0;
  const known = new Set(others);
  let count = 0;
  for (const line of lines) {
    if (!known.has(line)) count += 1;
    if (count > limit) break;
  }
  return count;
}

function changesOf(pieces: ReturnType<typeof diffArrays<string>>, oldStart: number, newStart: number): Change[] {
  const changes: Change[] = [];
  let [oldAt, newAt] = [oldStart, newStart];
  for (const { count, added, removed } of pieces) {
    const oldCount = added ? 0 : count;
    const newCount = removed ? 0 : count;
    if (added || removed) changes.push({ oldStart: oldAt, oldCount, newStart: newAt, newCount });
    oldAt += oldCount;
    newAt += newCount;
  }
  return merged(changes);
}

function betweenAnchors(before: readonly string[], after: readonly string[], block: Change): Change[] {
  const changes: Change[] = [];
  let [oldAt, newAt] = [block.oldStart, block.newStart];
  let work = maxGapWork;
  const end = { oldAt: block.oldStart + block.oldCount, newAt: block.newStart + block.newCount };
  for (const anchor of [...anchorsBetween(before, after, block), end]) {
    const gap = { oldStart: oldAt, oldCount: anchor.oldAt - oldAt, newStart: newAt, newCount: anchor.newAt - newAt };
    const limit = Math.min(gap.oldCount + gap.newCount, maxChangedLinesInGap);
    if (limit > 0) {
      work -= limit * limit;
      changes.push(...((work > 0 && fewest(before, after, gap, limit)) || [gap]));
    }
    oldAt = anchor.oldAt + 1;
    newAt = anchor.newAt + 1;
  }
  return merged(changes);
}

/** Joins changes with nothing between them. */
function merged(changes: readonly Change[]): Change[] {
  const result: Change[] = [];
  for (const change of changes) {
    const last = result.at(-1);
    if (last && touches(last, change)) {
      last.oldCount += change.oldCount;
      last.newCount += change.newCount;
    } else result.push({ ...change });
  }
  return result;
}

const touches = (left: Change, right: Change): boolean =>
  left.oldStart + left.oldCount === right.oldStart && left.newStart + left.newCount === right.newStart;
