/** What the engine is told about one cage. A pure function of what was found before. */
import type { Limits } from "../cage.ts";
import type { Step } from "../step.ts";
import { systemCallProfile } from "../system-calls.ts";
import { homeInside } from "../system-view.ts";

export interface ContainerParts {
  argv: readonly string[];
  cwd: string;
  environment: Readonly<Record<string, string>>;
  image: string;
  labels: Readonly<Record<string, string>>;
  ids: { uid: number; gid: number };
  limits: Limits;
  privateHome: string;
  /** Files of /etc that are made up, and the one that nobody can read. */
  made: readonly { path: string; at: string }[];
  unreadable: string;
  steps: readonly Step[];
  /** Files that the program finds open as 3, 4, ... */
  opened: readonly string[];
}

/** Folder inside in which the files of `opened` lie. */
const openedInside = "/run/paddock-open";

/** It waits for a line, so that nothing runs before it was looked at what is mounted; then it opens what is to be open. */
const begin = (opened: readonly string[]): string =>
  [
    "IFS= read -r _ || exit",
    ...opened.map((_, index) => `exec ${index + 3}<${openedInside}/${index}`),
    'exec "$@"',
  ].join("; ");

export function containerOf(parts: ContainerParts): object {
  const { argv, cwd, environment, image, labels, ids, opened } = parts;
  return {
    Image: image,
    Entrypoint: ["/bin/sh", "-c", begin(opened), "sh", ...argv],
    Cmd: [],
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    Labels: labels,
    User: `${ids.uid}:${ids.gid}`,
    WorkingDir: cwd,
    Hostname: "paddock",
    Healthcheck: { Test: ["NONE"] },
    ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true, OpenStdin: true, StdinOnce: true, Tty: false },
    NetworkDisabled: true,
    HostConfig: hostConfig(parts),
  };
}

function hostConfig(parts: ContainerParts): object {
  const { limits, steps, made, unreadable, privateHome, opened } = parts;
  const { memoryBytes, cpus, pids, tmpBytes, openFiles, fileBytes } = limits;
  return {
    ...sealed(),
    NetworkMode: "none",
    Init: true,
    ...{ Memory: memoryBytes, MemorySwap: memoryBytes, PidsLimit: pids },
    ...{ CpuPeriod: periodUs, CpuQuota: Math.round(cpus * periodUs) },
    ShmSize: tmpBytes,
    Ulimits: [
      { Name: "nofile", Soft: openFiles, Hard: openFiles },
      { Name: "fsize", Soft: fileBytes, Hard: fileBytes },
      { Name: "core", Soft: 0, Hard: 0 },
    ],
    Tmpfs: {
      "/tmp": inMemory(tmpBytes),
      "/var/tmp": inMemory(tmpBytes),
      "/run": `rw,nosuid,nodev,size=${runBytes},mode=755`,
    },
    Mounts: distinct([
      bind(privateHome, homeInside, true),
      ...made.map(({ path, at }) => bind(path, at, false)),
      ...opened.map((path, index) => bind(path, `${openedInside}/${index}`, false)),
      ...steps.map((step) => mountOf(step, unreadable)),
    ]),
  };
}

/** What holds for every container that Paddock starts. */
export const sealed = (): object => ({
  IpcMode: "private",
  CapDrop: ["ALL"],
  Privileged: false,
  SecurityOpt: ["no-new-privileges", `seccomp=${systemCallProfile()}`],
  ReadonlyRootfs: true,
  AutoRemove: true,
  // Output belongs to whoever attached; kept by the engine it would fill the disk.
  LogConfig: { Type: "none" },
});

const periodUs = 100_000;
const runBytes = 1024 * 1024;
const inMemory = (bytes: number): string => `rw,exec,nosuid,nodev,size=${bytes},mode=1777`;

interface Mounted {
  Target: string;
  [key: string]: unknown;
}

/** What is mounted below a place that is shown read-only would be writable: it is not shown. */
export const bind = (path: string, at: string, write: boolean): Mounted => ({
  ...{ Type: "bind", Source: path, Target: at, ReadOnly: !write },
  BindOptions: { Propagation: "rprivate", NonRecursive: !write },
});

function mountOf(step: Step, unreadable: string): Mounted {
  if (step.type === "bind") return bind(step.path, step.at, step.write);
  if (step.type === "place") return bind(step.path, step.at, step.write);
  if (step.what === "file") return bind(unreadable, step.at, false);
  return { Type: "tmpfs", Target: step.at, ReadOnly: true, TmpfsOptions: { SizeBytes: 4096, Mode: 0o500 } };
}

/** The engine mounts outer places first and takes each place once: of two for the same one the later counts. */
export function distinct(mounts: readonly Mounted[]): Mounted[] {
  return [...new Map(mounts.map((mount) => [mount.Target, mount])).values()];
}
