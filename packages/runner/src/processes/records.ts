/** The list of background processes on disk, so that the truth about them outlives the runner. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { processId } from "@paddock/contract";
import * as z from "zod";
import type { ProcessRecord } from "./background.ts";
import { signalExactly } from "./process-table.ts";

const record = z.object({
  id: processId,
  domain: z.string(),
  identity: z.object({ pid: z.number(), startTicks: z.number() }).nullable(),
  command: z.string(),
  cwd: z.string(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  state: z.enum(["running", "exited", "lost"]),
  exitCode: z.number().nullable(),
  terminal: z.object({ columns: z.number(), rows: z.number() }).nullable().default(null),
});

/** What a former runner left: whatever ran then has ended with it, or is ended now, and nobody saw how. */
export function loadRecords(path: string): ProcessRecord[] {
  return z
    .array(record)
    .parse(readList(path))
    .map((known) => {
      if (known.state !== "running") return known;
      if (known.identity) signalExactly(known.identity, "SIGKILL");
      return { ...known, state: "lost" };
    });
}

/** Replaces the list as a whole, so that a reader never sees half of it. */
export function saveRecords(path: string, records: readonly ProcessRecord[]): void {
  const temporary = `${path}.new`;
  writeFileSync(temporary, JSON.stringify(records), { mode: 0o600 });
  renameSync(temporary, path);
}

function readList(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
