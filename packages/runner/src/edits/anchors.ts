/** Fixed points of two texts: lines that occur once on each side, as many as stand in the same order on both. */

export interface Anchor {
  oldAt: number;
  newAt: number;
}

interface Block {
  oldStart: number;
  oldCount: number;
  newStart: number;
  newCount: number;
}

/** The anchors within a block, in order. */
export function anchorsBetween(before: readonly string[], after: readonly string[], block: Block): Anchor[] {
  const newPlaces = singles(after, block.newStart, block.newCount);
  const pairs: Anchor[] = [];
  for (const [line, oldAt] of singles(before, block.oldStart, block.oldCount)) {
    const newAt = newPlaces.get(line);
    if (oldAt >= 0 && newAt !== undefined && newAt >= 0) pairs.push({ oldAt, newAt });
  }
  return longestRising(pairs);
}

/** Where each line stands; -1 for one that occurs twice. */
function singles(lines: readonly string[], start: number, count: number): Map<string, number> {
  const places = new Map<string, number>();
  for (let at = start; at < start + count; at += 1) {
    const line = lines[at] ?? "";
    places.set(line, places.has(line) ? -1 : at);
  }
  return places;
}

interface Step extends Anchor {
  previous: Step | undefined;
}

/** The longest run of pairs, given in order of `oldAt`, whose `newAt` rises too (patience sorting). */
function longestRising(pairs: readonly Anchor[]): Anchor[] {
  const piles: Step[] = [];
  for (const { oldAt, newAt } of pairs) {
    const pile = firstNotBelow(piles, newAt);
    piles[pile] = { oldAt, newAt, previous: piles[pile - 1] };
  }
  const run: Anchor[] = [];
  for (let step = piles.at(-1); step; step = step.previous) run.push(step);
  return run.reverse();
}

function firstNotBelow(piles: readonly Step[], newAt: number): number {
  let [low, high] = [0, piles.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((piles[middle]?.newAt ?? 0) < newAt) low = middle + 1;
    else high = middle;
  }
  return low;
}
