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

/** A pid namespace, which ends with its process 1. */
export interface Namespace {
  init: Identity;
  /** By which /proc names it, and the next one as soon as this one has ended. */
  inode: number;
}

/** The running processes of a namespace but for its process 1; none when it has ended. */
export const membersOfNamespace = (namespace: Namespace): Entry[] =>
  runningEntries(pidsIn(namespace).filter((pid) => pid !== namespace.init.pid));

/** Places taken in a namespace: each thread takes one, and so does what has ended unnoticed. */
export const placesInNamespace = (namespace: Namespace): number =>
  pidsIn(namespace).reduce((sum, pid) => sum + Math.max(1, readEntry(pid)?.threads ?? 0), 0);

/** What was found counts only if the namespace is there still: its number may be another one's by then. */
function pidsIn({ init, inode }: Namespace): number[] {
  if (!isAlive(init)) return [];
  const link = `pid:[${inode}]`;
  const found = pids().filter((pid) => readLinkOrNull(`/proc/${pid}/ns/pid`) === link);
  return isAlive(init) ? found : [];
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
