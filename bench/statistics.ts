/** The few numbers that the bench makes of many. */

export const median = (values: readonly number[]): number => percentile(values, 50);

/** The smallest value that `percent` of all values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const index = Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1);
  const value = sorted[index];
  if (value === undefined) throw new Error("nothing was measured");
  return value;
}
