/**
 * Limits that hold for a whole tree of processes: memory, number of processes, and time of the processors where the machine
 * can. Uses whatever control group this user may make: version 2 where memory and pids are delegated, else version 1.
 */
import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Limits } from "./cage.ts";

export interface Cgroup {
  /** Files to which a process writes 0 to put itself in, before it has threads or children. */
  readonly entrances: readonly string[];
  /** True when a process of the group was killed for want of memory. */
  outOfMemory(): boolean;
  /** To be called when no process is left. */
  remove(): void;
}

export interface Cgroups {
  readonly version: 1 | 2;
  /** Whether they bound the time of the processors too. */
  readonly boundCpus: boolean;
  make(limits: Limits): Cgroup;
  close(): void;
}

/** Finds a place for groups and tries it; null where this user may make none. */
export function openCgroups(): Cgroups | null {
  const own = ownGroups();
  return openVersion2(own) ?? openVersion1(own);
}

type OwnGroups = ReadonlyMap<string, string>;

/** Controller (empty for version 2) to the path of this process's group. */
function ownGroups(): OwnGroups {
  const lines = readFileSync("/proc/self/cgroup", "utf8").trim().split("\n");
  const groups = new Map<string, string>();
  for (const line of lines) {
    const [, controllers = "", path = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    for (const controller of controllers.split(",")) groups.set(controller, path);
  }
  return groups;
}

function openVersion2(own: OwnGroups): Cgroups | null {
  const mounts = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
  const folders = mounts.flatMap((mount) => upwards(mount, own.get("") ?? "/")).filter(passesLimitsOn);
  for (const folder of folders) {
    const base = makeBase(folder);
    if (base === null) continue;
    const passesOn = (controllers: string) => tryWrite(join(base, "cgroup.subtree_control"), controllers);
    if (passesOn("+memory +pids"))
      return groupsBeneath(2, [base], { limitFiles: limits2, boundCpus: passesOn("+cpu") });
    removeGroup(base);
  }
  return null;
}

function passesLimitsOn(folder: string): boolean {
  const controllers = readOrEmpty(join(folder, "cgroup.subtree_control")).split(/\s+/);
  return controllers.includes("memory") && controllers.includes("pids");
}

function openVersion1(own: OwnGroups): Cgroups | null {
  const baseOf = (controller: string) => {
    const folders = upwards(`/sys/fs/cgroup/${controller}`, own.get(controller) ?? "/");
    return folders.map(makeBase).find((made) => made !== null) ?? null;
  };
  const found = ["memory", "pids", "cpu"].map(baseOf);
  const [memory, pids, cpu] = found;
  const all = found.filter((base) => base !== null);
  if (memory && pids) return groupsBeneath(1, all, { limitFiles: limits1, boundCpus: Boolean(cpu) });
  for (const base of all) removeGroup(base);
  return null;
}

/** A group and its ancestors up to the mount, nearest first. */
function upwards(mount: string, path: string): string[] {
  const folders: string[] = [];
  for (let folder = join(mount, path); folder.startsWith(mount); folder = dirname(folder)) folders.push(folder);
  return folders;
}

let bases = 0;

function makeBase(folder: string): string | null {
  try {
    accessSync(join(folder, "cgroup.procs"), constants.W_OK);
    removeStale(folder);
    bases += 1;
    const base = join(folder, `paddock-${process.pid}-${bases}`);
    mkdirSync(base);
    return base;
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

/** Groups of runners that are gone; one that is still in use cannot be removed. */
function removeStale(folder: string): void {
  for (const name of foldersIn(folder)) {
    const pid = /^paddock-(\d+)-\d+$/.exec(name)?.[1];
    if (pid === undefined || exists(`/proc/${pid}`)) continue;
    for (const inner of foldersIn(join(folder, name))) removeGroup(join(folder, name, inner));
    removeGroup(join(folder, name));
  }
}

/** None when another runner, which removes the same, was quicker. */
function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch (error) {
    if (isRefusal(error)) return [];
    throw error;
  }
}

type LimitFiles = (limits: Limits) => readonly [file: string, value: string][];

const periodUs = 100_000;
const quotaOf = (cpus: number): string => `${Math.round(cpus * periodUs)}`;

const limits2: LimitFiles = ({ memoryBytes, pids, cpus }) => [
  ["cpu.max", `${quotaOf(cpus)} ${periodUs}`],
  ["memory.max", `${memoryBytes}`],
  ["memory.swap.max", "0"],
  ["memory.oom.group", "1"],
  ["pids.max", `${pids}`],
];

const limits1: LimitFiles = ({ memoryBytes, pids, cpus }) => [
  ["cpu.cfs_quota_us", quotaOf(cpus)],
  ["memory.limit_in_bytes", `${memoryBytes}`],
  ["memory.memsw.limit_in_bytes", `${memoryBytes}`],
  ["pids.max", `${pids}`],
];

/** Not every kernel has them. */
const optional = new Set([
  "cpu.max",
  "cpu.cfs_quota_us",
  "memory.swap.max",
  "memory.oom.group",
  "memory.memsw.limit_in_bytes",
]);

/** In version 1 a single thread that puts itself in does not wait for the whole machine, which takes 6 ms for each group. */
const entrances = { 1: "tasks", 2: "cgroup.procs" } as const;

function groupsBeneath(
  version: 1 | 2,
  groupBases: readonly string[],
  { limitFiles, boundCpus }: { limitFiles: LimitFiles; boundCpus: boolean },
): Cgroups {
  let count = 0;
  const make = (limits: Limits): Cgroup => {
    count += 1;
    const folders = groupBases.map((base) => join(base, `${count}`));
    for (const folder of folders) mkdirSync(folder);
    for (const [file, value] of limitFiles(limits)) {
      const folder = folders.find((candidate) => exists(join(candidate, file)));
      if (folder) writeFileSync(join(folder, file), value);
      else if (!optional.has(file)) throw new Error(`The control group has no ${file}.`);
    }
    return {
      entrances: folders.map((folder) => join(folder, entrances[version])),
      outOfMemory: () => folders.some(hadOom),
      remove: () => {
        for (const folder of folders) removeGroup(folder);
      },
    };
  };
  const close = () => {
    for (const base of groupBases) removeGroup(base);
  };
  return { version, boundCpus, make, close };
}

function hadOom(folder: string): boolean {
  const events = readOrEmpty(join(folder, "memory.events")) || readOrEmpty(join(folder, "memory.oom_control"));
  return /^oom_kill [1-9]/m.test(events);
}

function removeGroup(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

function tryWrite(path: string, value: string): boolean {
  try {
    writeFileSync(path, value);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isRefusal(error)) return "";
    throw error;
  }
}

const refusals = new Set([
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOENT",
  "EBUSY",
  "ENOTDIR",
  "EOPNOTSUPP",
  "EINVAL",
  "ENOSPC",
  "ENODEV",
]);

function isRefusal(error: unknown): boolean {
  return refusals.has((error as NodeJS.ErrnoException).code ?? "");
}
