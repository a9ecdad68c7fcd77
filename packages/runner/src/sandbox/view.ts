/**
 * What a cage sees, as arguments of bubblewrap, in the order in which it mounts. Looks at the file system, changes nothing
 * but what git-guard.ts says.
 */
import type { Profile } from "@paddock/policy";
import type { CageSpec, Mount } from "./cage.ts";
import { doorstepEnvironment, doorstepMounts } from "./doorstep.ts";
import type { Hidden } from "./hidden/hidden.ts";
import { isBeneath } from "./paths.ts";
import type { Pins } from "./pins.ts";
import { type Root, rootMounts, wholeMachine } from "./root-mounts.ts";
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
  const roots = rootsOf(spec);
  const { wide = [], narrow = [] } = Object.groupBy(spec.mounts ?? [], (mount) => reachOf(mount, around.hidden));
  const shown = [...(spec.profile === "open" ? [{ path: "/", write: true }] : []), ...roots, ...wide];
  const whole = wholeMachine(shown);
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
    ...(whole ? [] : [...inMemory("/var/tmp", tmpBytes), ...toolchainMounts(around.toolchains, roots)]),
    ...rootMounts(shown, around.hidden, pins),
    ...masks(around.hidden, whole ? ["/"] : shownHostFolders(shown, around.toolchains), ["/proc", "/dev"]),
    ...narrow.flatMap((mount) => mountArguments(mount, pins)),
    ...(whole ? [] : ["--remount-ro", "/"]),
    ...["--chdir", spec.cwd],
  ];
}

/** The view of a bare cage (`bare` of CageSpec), none of whose roots is the whole machine. Throws what `viewArguments` throws. */
export function bareView(spec: CageSpec, around: Surroundings, { pins }: ViewParts): string[] {
  const { wide = [], narrow = [] } = Object.groupBy(spec.mounts ?? [], (mount) => reachOf(mount, around.hidden));
  const shown = [...rootsOf(spec), ...wide];
  const folders = shown.map(({ path }) => path);
  return [
    ...isolation(around, pins),
    ...environmentArguments(spec.env ?? {}),
    ...ownProcesses(),
    ...rootMounts(shown, around.hidden, pins),
    ...masks(around.hidden, folders, ["/proc"]),
    ...narrow.flatMap((mount) => mountArguments(mount, pins)),
    ...["--remount-ro", "/", "--chdir", spec.cwd],
  ];
}

const rootsOf = ({ profile, roots }: CageSpec): readonly Root[] =>
  profile === "readonly" ? roots.map(({ path }) => ({ path, write: false })) : roots;

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

/** A hidden folder is covered by an empty read-only one, a hidden file by /dev/null. A cage has `own` for itself anyway. */
function masks(hidden: readonly Hidden[], shown: readonly string[], own: readonly string[]): string[] {
  return hidden
    .filter(({ path }) => shown.some((folder) => isBeneath(folder, path)) && !own.some((part) => isBeneath(part, path)))
    .flatMap(({ path, type }) =>
      type === "directory"
        ? ["--perms", "0500", "--tmpfs", path, "--remount-ro", path]
        : ["--ro-bind", "/dev/null", path],
    );
}

/** A mount that contains something hidden comes before that is covered; all others come last. */
function reachOf({ path, at = path }: Mount, hidden: readonly Hidden[]): "wide" | "narrow" {
  return path === at && hidden.some((covered) => covered.path !== path && isBeneath(path, covered.path))
    ? "wide"
    : "narrow";
}

function mountArguments({ path, at = path, write, exact }: Mount, pins: Pins): string[] {
  if (exact) return [write ? "--bind-fd" : "--ro-bind-fd", pins.at(path).number, at];
  return [write ? "--bind" : "--ro-bind", path, at];
}
