/**
 * What a cage sees, as arguments of bubblewrap, in the order in which it mounts. Looks at the file system, changes nothing
 * but what git-guard.ts says.
 */
import type { Profile } from "@paddock/policy";
import type { CageSpec } from "./cage.ts";
import { doorstepEnvironment, doorstepMounts } from "./doorstep.ts";
import type { Hidden } from "./hidden/hidden.ts";
import { rootsOf, shownOf, stepsFor } from "./mounts.ts";
import { isBeneath } from "./paths.ts";
import type { Pins } from "./pins.ts";
import { type Root, wholeMachine } from "./root-mounts.ts";
import type { Step } from "./step.ts";
import { homeInside, ownIds } from "./system-view.ts";
import type { Toolchains } from "./toolchains.ts";

export interface Surroundings {
  system: readonly string[];
  toolchains: Toolchains;
  hidden: readonly Hidden[];
  /** Real home of the machine's owner: the home inside an `open` cage. */
  ownerHome: string;
  /** Whether programs inside are kept from making user namespaces of their own. */
  closesNamespaces: boolean;
  /** File with the filter of system calls; null where there is none for this machine. */
  systemCalls: string | null;
}

export interface ViewParts {
  /** Host folder of the trust domain's home. */
  privateHome: string;
  /** Size of each folder that lives in memory. */
  tmpBytes: number;
  /** Takes what an agent could exchange for a link before it is mounted. */
  pins: Pins;
}

/** Throws path_not_found and path_outside_roots for a root that is not what it was. */
export function viewArguments(spec: CageSpec, around: Surroundings, parts: ViewParts): string[] {
  const { privateHome, tmpBytes, pins } = parts;
  const shown = shownOf(spec, around.hidden);
  const whole = wholeMachine(shown.roots);
  const folders = whole ? ["/"] : shownHostFolders(shown.roots, around.toolchains);
  return [
    ...isolation(around, pins),
    ...environmentArguments({
      ...cleanEnvironment(around.toolchains, homeOf(spec.profile, around.ownerHome)),
      ...(spec.doorway ? { ...doorstepEnvironment, ...spec.doorway.env } : {}),
      ...spec.env,
    }),
    ...(whole ? [...whole, ...deviceSettings] : around.system),
    ...ownProcesses(),
    ...["--dev", "/dev", ...inMemory("/dev/shm", tmpBytes), "--remount-ro", "/dev"],
    ...inMemory("/tmp", tmpBytes),
    ...["--perms", "0755", "--size", `${runBytes}`, "--tmpfs", "/run", "--bind", privateHome, homeInside],
    ...(spec.doorway ? doorstepMounts : []),
    ...(whole ? [] : [...inMemory("/var/tmp", tmpBytes), ...toolchainMounts(around.toolchains, rootsOf(spec))]),
    ...stepsFor(shown, around.hidden, { folders, own: ["/proc", "/dev"], pins }).flatMap(stepArguments),
    ...(whole ? [] : ["--remount-ro", "/"]),
    ...["--chdir", spec.cwd],
  ];
}

/** The view of a bare cage (`bare` of CageSpec), none of whose roots is the whole machine. Throws what `viewArguments` throws. */
export function bareView(spec: CageSpec, around: Surroundings, { pins }: ViewParts): string[] {
  const shown = shownOf(spec, around.hidden);
  const folders = shown.roots.map(({ path }) => path);
  return [
    ...isolation(around, pins),
    ...environmentArguments(spec.env ?? {}),
    ...ownProcesses(),
    ...stepsFor(shown, around.hidden, { folders, own: ["/proc"], pins }).flatMap(stepArguments),
    ...["--remount-ro", "/", "--chdir", spec.cwd],
  ];
}

/** A hidden folder is covered by an empty read-only one, a hidden file by a device that cannot be opened there. */
function stepArguments(step: Step): string[] {
  const { at } = step;
  if (step.type === "bind") return [step.write ? "--bind-fd" : "--ro-bind-fd", step.pin.number, at];
  if (step.type === "place") return [step.write ? "--bind" : "--ro-bind", step.path, at];
  return step.what === "directory"
    ? ["--perms", "0500", "--tmpfs", at, "--remount-ro", at]
    : ["--ro-bind", "/dev/null", at];
}

/** What every cage has, whatever it sees. */
function isolation({ closesNamespaces, systemCalls }: Surroundings, pins: Pins): string[] {
  const { uid, gid } = ownIds();
  return [
    ...["--unshare-all", "--unshare-user", ...(closesNamespaces ? ["--disable-userns"] : [])],
    ...["--die-with-parent", "--new-session"],
    ...(systemCalls === null ? [] : ["--seccomp", pins.file(systemCalls).number]),
    ...["--cap-drop", "ALL", "--uid", `${uid}`, "--gid", `${gid}`, "--hostname", "paddock"],
  ];
}

const ownProcesses = (): string[] => ["--proc", "/proc", ...kernelSettings(ownIds().uid)];

/** To the kernel root is root, without any capability too: it may write files of root that are no mount's, such as these. */
const kernelSettings = (uid: number): string[] => (uid === 0 ? ["--ro-bind", "/proc/sys", "/proc/sys"] : []);
/** Where the whole machine is shown, control groups could be left or changed here. */
const deviceSettings = ["--ro-bind-try", "/sys", "/sys"];

/** Holds nothing but mount points. */
const runBytes = 1024 * 1024;

const inMemory = (path: string, bytes: number): string[] => ["--perms", "1777", "--size", `${bytes}`, "--tmpfs", path];

/** The environment of a cage, but for what its spec adds: nothing of this process. */
export function cleanEnvironment(
  { path, env }: Pick<Toolchains, "path" | "env">,
  home: string,
): Record<string, string> {
  return {
    PATH: path,
    HOME: home,
    USER: "agent",
    LOGNAME: "agent",
    SHELL: "/bin/bash",
    LANG: "C.UTF-8",
    TERM: "dumb",
    PAGER: "cat",
    GIT_PAGER: "cat",
    GIT_TERMINAL_PROMPT: "0",
    TMPDIR: "/tmp",
    ...env,
  };
}

const homeOf = (profile: Profile, ownerHome: string): string => (profile === "open" ? ownerHome : homeInside);

function environmentArguments(variables: Readonly<Record<string, string>>): string[] {
  return ["--clearenv", ...Object.entries(variables).flatMap(([name, value]) => ["--setenv", name, value])];
}

/** A folder of PATH beneath a root is shown by the root already, with the root's access. */
function toolchainMounts({ folders }: Toolchains, roots: readonly Root[]): string[] {
  return folders
    .filter((folder) => !roots.some(({ path }) => isBeneath(path, folder)))
    .flatMap((folder) => ["--ro-bind-try", folder, folder]);
}

const shownHostFolders = (shown: readonly Root[], { folders }: Toolchains): string[] => [
  ...shown.map(({ path }) => path),
  ...folders,
  ...["/usr", "/etc/ssl", "/etc/pki"],
];
