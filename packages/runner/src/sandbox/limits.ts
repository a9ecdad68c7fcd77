/** Limits of a single process, set just before the program starts: from inside the cage, or around a bare one. */
import { accessSync, constants } from "node:fs";
import type { Limits } from "./cage.ts";

const prlimit = "/usr/bin/prlimit";

/**
 * Puts the limits before a program. `pids` counts the processes of one user in the cage's own user namespace, which no
 * limit does for root; `memoryBytes` bounds each process by itself and is set where nothing bounds them together.
 */
export function withLimits(argv: readonly string[], limits: Limits, memoryPerProcess: boolean): readonly string[] {
  const { openFiles, fileBytes, pids, memoryBytes } = limits;
  if (hasPrlimit()) {
    const options = [`--core=0`, `--nofile=${openFiles}`, `--fsize=${fileBytes}`, `--nproc=${pids}`];
    return [prlimit, ...options, ...(memoryPerProcess ? [`--data=${memoryBytes}`] : []), "--", ...argv];
  }
  const data = memoryPerProcess ? `ulimit -d ${Math.ceil(memoryBytes / 1024)}; ` : "";
  const script = `ulimit -c 0; ulimit -n ${openFiles}; ulimit -f ${Math.ceil(fileBytes / 1024)}; ulimit -u ${pids}; ${data}exec "$@"`;
  return ["/bin/bash", "-c", script, "bash", ...argv];
}

/**
 * The same limits as a line of the shell that becomes bubblewrap, which takes no further program. The number of processes
 * is left to the control group: out here it would count all those of this account.
 */
export const limitsAround = ({ openFiles, fileBytes }: Limits): string =>
  `ulimit -c 0 && ulimit -n ${openFiles} && ulimit -f ${Math.floor(fileBytes / posixBlockBytes)} || exit`;

const posixBlockBytes = 512;

let found: boolean | null = null;

function hasPrlimit(): boolean {
  if (found === null) {
    try {
      accessSync(prlimit, constants.X_OK);
      found = true;
    } catch {
      found = false;
    }
  }
  return found;
}
