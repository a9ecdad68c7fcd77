/** Reads what ripgrep prints, one receiver for each output mode. Each stops at its limit, one record after it is full. */
import type { OutputOf } from "@paddock/contract/tools";

type Output = OutputOf<"grep">;
export type Found = Pick<Output, "matches" | "files" | "counts" | "count">;
type Match = NonNullable<Output["matches"]>[number];

export interface Receiver {
  receive(record: Buffer): boolean;
  found(): Found;
}

/** Most text of matching lines in one answer. */
const mostTextBytes = 512 * 1024;

type MakeReceiver = (shown: (printed: string) => string, limit: number) => Receiver;

export const receivers = {
  content: contentReceiver,
  files_with_matches: filesReceiver,
  count: countReceiver,
} as const satisfies Record<Output["output_mode"], MakeReceiver>;

/** Records are `PATH NUL LINE MARK TEXT`; the mark is `:` for a match and `-` for a line around one. */
function contentReceiver(shown: (printed: string) => string, limit: number): Receiver {
  const matches: Match[] = [];
  let count = 0;
  let bytes = 0;
  return {
    receive(record) {
      const line = parseLine(record);
      if (line === null) return true;
      if ((!line.context && count === limit) || bytes > mostTextBytes) return false;
      if (!line.context) count += 1;
      bytes += record.length;
      matches.push({
        path: shown(line.path),
        line: line.number,
        text: line.text,
        ...(line.context ? { context: true } : {}),
      });
      return true;
    },
    found: () => ({ matches: matches.toSorted(byPath), count }),
  };
}

interface Line {
  path: string;
  number: number;
  text: string;
  context: boolean;
}

function parseLine(record: Buffer): Line | null {
  const nul = record.indexOf(0);
  if (nul === -1) return null;
  let mark = nul + 1;
  let number = 0;
  for (let byte = record[mark]; byte !== undefined && byte >= 48 && byte <= 57; byte = record[mark]) {
    number = number * 10 + byte - 48;
    mark += 1;
  }
  const end = record.at(-1) === 13 ? record.length - 1 : record.length;
  return {
    path: record.toString("utf8", 0, nul),
    number,
    text: record.toString("utf8", mark + 1, end),
    context: record[mark] === 45,
  };
}

function filesReceiver(shown: (printed: string) => string, limit: number): Receiver {
  const files: string[] = [];
  return {
    receive(record) {
      if (files.length === limit) return false;
      files.push(shown(record.toString("utf8")));
      return true;
    },
    found: () => ({ files: files.sort(), count: files.length }),
  };
}

function countReceiver(shown: (printed: string) => string, limit: number): Receiver {
  const counts: { path: string; count: number }[] = [];
  return {
    receive(record) {
      const nul = record.indexOf(0);
      if (nul === -1) return true;
      if (counts.length === limit) return false;
      counts.push({ path: shown(record.toString("utf8", 0, nul)), count: Number(record.toString("latin1", nul + 1)) });
      return true;
    },
    found: () => ({ counts: counts.sort(byPath), count: counts.length }),
  };
}

function byPath(a: { path: string }, b: { path: string }): number {
  if (a.path === b.path) return 0;
  return a.path < b.path ? -1 : 1;
}
