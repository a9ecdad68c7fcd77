/** What processes of this machine hold in memory, in MB. */
import { readdirSync, readFileSync } from "node:fs";

export interface Memory {
  /** Everything mapped and present, shared pages counted for each process. */
  rss: number;
  /** Shared pages counted in parts, so that the sum over processes is what the machine has spent. */
  pss: number;
}

export function memoryOf(pids: readonly number[]): Memory {
  const sum = { rss: 0, pss: 0 };
  for (const pid of pids) {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    sum.rss += field(text, "Rss") / 1000;
    sum.pss += field(text, "Pss") / 1000;
  }
  return sum;
}

/** Quick enough to be asked while something else is measured. */
export const residentOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + field(readFileSync(`/proc/${pid}/status`, "utf8"), "VmRSS") / 1000, 0);

/** The file says kB and means KiB; the answer is in thousands of bytes. */
const field = (text: string, name: string): number =>
  (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? Number.NaN) * 1024) / 1000;

/** Hub and runner of an installation, found without asking them anything. */
export const partsOf = (home: string): number[] =>
  readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      const isPart = /\/processes\/(hub|runner)\.ts\0/.test(textOf(pid, "cmdline"));
      return isPart && textOf(pid, "environ").split("\0").includes(`PADDOCK_HOME=${home}`);
    });

/** Empty for a process that is gone or another's. */
function textOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
