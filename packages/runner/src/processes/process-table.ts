/** The host's process table: who is there, and who is the same as before. A pid alone identifies nothing, it is reused. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface Entry {
  pid: number;
  parent: number;
  /** Process group. */
  group: number;
  session: number;
  /** Process group in the foreground of its terminal; -1 without a terminal. */
  foreground: number;
  /** Clock ticks since the boot of the machine; with the pid it names one process for good. */
  startTicks: number;
  zombie: boolean;
  threads: number;
}

export interface Identity {
  pid: number;
  startTicks: number;
}

/** What /proc says of a process; null when it is gone. */
export function readEntry(pid: number): Entry | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name may contain spaces and brackets: the fields begin after the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    pid,
    zombie: fields[0] === "Z" || fields[0] === "X",
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    foreground: Number(fields[5]),
    threads: Number(fields[17]),
    startTicks: Number(fields[19]),
  };
}

export function listEntries(): Entry[] {
  return pids()
    .map(readEntry)
    .filter((entry) => entry !== null);
}

/** True while the very process that `identity` names runs; a zombie does not. */
export function isAlive({ pid, startTicks }: Identity): boolean {
  const entry = readEntry(pid);
  return entry !== null && !entry.zombie && entry.startTicks === startTicks;
}

/** The clock of `startTicks` as it stood so many milliseconds ago. The kernel tells it in hundredths of a second. */
export function ticksAgo(milliseconds: number): number {
  const uptimeSeconds = Number(readFileSync("/proc/uptime", "latin1").split(" ")[0]);
  return Math.floor(uptimeSeconds * 100 - milliseconds / 10);
}

/** Sends a signal to the very process that is named; false when it is gone or not ours. */
export function signalExactly(identity: Identity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH" || code === "EPERM") return false;
    throw error;
  }
}

/** Running processes in the pid namespace with this inode number. */
export function membersOfNamespace(inode: number): Entry[] {
  const link = `pid:[${inode}]`;
  return runningEntries(pids().filter((pid) => readLinkOrNull(`/proc/${pid}/ns/pid`) === link));
}

/** Places taken in the pid namespace with this inode number: each thread takes one, and so does what has ended unnoticed. */
export function placesInNamespace(inode: number): number {
  const link = `pid:[${inode}]`;
  const inside = pids().filter((pid) => readLinkOrNull(`/proc/${pid}/ns/pid`) === link);
  return inside.reduce((sum, pid) => sum + Math.max(1, readEntry(pid)?.threads ?? 0), 0);
}

/** Running processes whose environment was started with `assignment` (NAME=value). */
export function membersOfEnvironment(assignment: string): Entry[] {
  return runningEntries(pids().filter((pid) => hasAssignment(pid, assignment)));
}

/** The pid of a process as the innermost namespace it is in numbers it; null when it is gone. */
export function pidInside(pid: number): number | null {
  const numbers = /^NSpid:\s*(.*)$/m.exec(readOrNull(`/proc/${pid}/status`) ?? "")?.[1];
  return numbers === undefined ? null : Number(numbers.split("\t").at(-1));
}

/** `root` and everything that descends from it, as far as the parents are still there to tell. */
export function descendantsOf(root: number, entries: readonly Entry[]): Entry[] {
  const family = new Set([root]);
  for (let size = -1; size !== family.size; ) {
    size = family.size;
    for (const { pid, parent } of entries) if (family.has(parent)) family.add(pid);
  }
  return entries.filter(({ pid }) => family.has(pid));
}

const pids = (): number[] => readdirSync("/proc").map(Number).filter(Number.isInteger);

const runningEntries = (among: readonly number[]): Entry[] =>
  among.map(readEntry).filter((entry) => entry !== null && !entry.zombie) as Entry[];

export function hasAssignment(pid: number, assignment: string): boolean {
  const environment = readOrNull(`/proc/${pid}/environ`);
  return environment !== null && `\0${environment}`.includes(`\0${assignment}\0`);
}

const gone = new Set(["ENOENT", "ESRCH", "EACCES", "EPERM", "ENOTDIR"]);

function readOrNull(path: string): string | null {
  return unlessGone(() => readFileSync(path, "latin1"));
}

function readLinkOrNull(path: string): string | null {
  return unlessGone(() => readlinkSync(path));
}

function unlessGone(read: () => string): string | null {
  try {
    return read();
  } catch (error) {
    if (gone.has((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}
