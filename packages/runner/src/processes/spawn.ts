/**
 * The only place that starts programs. Everything else goes through `Cages` (sandbox/cage.ts).
 *
 * A started program inherits exactly the descriptors it is given: what this process was itself started with is covered
 * by /dev/null, so that nothing of the caller's session leaks in.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readdirSync, readFileSync } from "node:fs";

export type Stdio = "pipe" | "ignore" | "ipc" | number;

export interface Program {
  /** The program, absolute or looked up on PATH of `env`, and its arguments. */
  argv: readonly [string, ...string[]];
  env: Readonly<Record<string, string>>;
  cwd?: string;
  stdio: readonly Stdio[];
  /** Makes it the leader of a session of its own. */
  detached?: boolean;
}

/** Starts a program. Failure to start is told by the child's `error` event. */
export function spawnProgram({ argv: [file, ...rest], env, cwd, stdio, detached = false }: Program): ChildProcess {
  return spawn(file, rest, { env: { ...env }, cwd, detached, stdio: [...covered(stdio)], windowsHide: true });
}

const closeOnExec = 0o2000000;
const highestCovered = 1024;
let leaked: readonly number[] | null = null;
let nothing = -1;

function covered(stdio: readonly Stdio[]): readonly Stdio[] {
  leaked ??= inheritedDescriptors();
  const beyond = leaked.filter((fd) => fd >= stdio.length);
  if (beyond.length === 0) return stdio;
  if (nothing < 0) nothing = openSync("/dev/null", "r+");
  const full: Stdio[] = [...stdio];
  for (let fd = stdio.length; fd <= Math.max(...beyond); fd += 1) full.push(beyond.includes(fd) ? nothing : "ignore");
  return full;
}

/** Descriptors that would reach any child: those without the close-on-exec flag that everything Node opens has. */
function inheritedDescriptors(): number[] {
  const found: number[] = [];
  for (const name of readdirSync("/proc/self/fd")) {
    const fd = Number(name);
    if (fd <= 2 || fd > highestCovered) continue;
    const flags = flagsOf(fd);
    if (flags !== null && (flags & closeOnExec) === 0) found.push(fd);
  }
  return found;
}

function flagsOf(fd: number): number | null {
  try {
    const octal = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
    return octal === undefined ? null : Number.parseInt(octal, 8);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
