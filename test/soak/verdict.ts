/** Holds what callers were told against what really happened. */
import { type CallRecord, lineOf } from "./load.ts";

export interface Verdict {
  calls: number;
  told: Readonly<Record<string, number>>;
  /** What must not be, in words. */
  wrong: string[];
}

/** `lines`: of each machine, what its file holds. */
export function judge(records: readonly CallRecord[], lines: ReadonlyMap<string, readonly string[]>): Verdict {
  const found = new Map<string, number>();
  for (const line of [...lines.values()].flat()) found.set(line, (found.get(line) ?? 0) + 1);
  const told: Record<string, number> = {};
  const wrong: string[] = [];
  for (const record of records) {
    told[record.told] = (told[record.told] ?? 0) + 1;
    const line = lineOf(record.key);
    wrong.push(...wrongOf(record, found.get(line) ?? 0));
    found.delete(line);
  }
  wrong.push(...[...found.keys()].map((line) => `${line} was never called for`));
  return { calls: records.length, told, wrong };
}

function wrongOf({ key, machine, told, code }: CallRecord, times: number): string[] {
  if (times > 1) return [`${key} happened ${times} times on ${machine}`];
  if (told === "done" && times === 0) return [`${key} was told done and never happened`];
  if (told === "undone" && times > 0) return [`${key} was told undone (${code}) and happened`];
  return told === "never" ? [`${key} was never told how it ended`] : [];
}
