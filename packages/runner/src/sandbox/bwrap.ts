/**
 * Contains a program with bubblewrap. The whole view goes in over a descriptor, so that nothing of it (variables, paths)
 * shows in the host's process list. It starts in its control group, or not at all.
 */
import type { ChildProcess } from "node:child_process";
import type { Writable } from "node:stream";
import {
  isAlive,
  membersOfNamespace,
  type Namespace,
  placesInNamespace,
  readEntry,
  signalExactly,
} from "../processes/process-table.ts";
import { spawnProgram } from "../processes/spawn.ts";
import type { CageSpec, Contained, Limits } from "./cage.ts";
import type { Cgroup, Cgroups } from "./cgroup.ts";
import { cagedChild, type Tree } from "./child.ts";
import { afterDoorstep, attend } from "./doorstep.ts";
import { limitsAround, withLimits } from "./limits.ts";
import { Pins } from "./pins.ts";
import { isStaticProgram } from "./static-program.ts";
import { bareView, type Surroundings, viewArguments } from "./view.ts";

export interface Bwrap {
  /** Absolute path of bubblewrap. */
  program: string;
  around: Surroundings;
  cgroups: Cgroups | null;
  homeFor(domain: string): string;
}

export function startBwrap(
  spec: CageSpec,
  limits: Limits,
  { program, around, cgroups, homeFor }: Bwrap,
): Promise<Contained> {
  const inherit = spec.inherit ?? [];
  const doorway = spec.doorway ?? null;
  const channelFd = 3 + inherit.length;
  const viewFd = channelFd + (doorway ? 1 : 0);
  using pins = new Pins(viewFd + 2);
  const parts = { privateHome: homeFor(spec.domain), tmpBytes: limits.tmpBytes, pins };
  const isBare = canBeBare(spec, cgroups);
  const view = isBare ? bareView(spec, around, parts) : viewArguments(spec, around, parts);
  const options = ["--args", `${viewFd}`, "--json-status-fd", `${viewFd + 1}`, "--"];
  const group = cgroups?.make(limits) ?? null;
  // Set around bubblewrap they cost no further program, but bubblewrap has to keep within them too.
  const isAround = group !== null && (isBare || limits.openFiles >= pins.handles.length + descriptorsNeeded);
  const limited = isAround ? spec.argv : withLimits(spec.argv, limits, group === null);
  const inside = doorway ? afterDoorstep(limited, channelFd) : limited;
  const child = spawnProgram({
    argv: entering(group, isAround ? `${limitsAround(limits)}; ${enter}` : enter, [program, ...options, ...inside]),
    env: {},
    cwd: "/",
    stdio: ["pipe", "pipe", "pipe", ...inherit, ...(doorway ? ["ipc" as const] : []), "pipe", "pipe", ...pins.handles],
  });
  if (doorway) attend(child, doorway);
  sendView(child, viewFd, view);
  return cagedChild(child, program, bwrapTree(child, viewFd + 1, group));
}

/** By bubblewrap itself, besides what is held open for it. */
const descriptorsNeeded = 64;

function canBeBare(spec: CageSpec, cgroups: Cgroups | null): boolean {
  const {
    bare,
    argv: [program = ""],
    profile,
    roots,
    doorway,
  } = spec;
  const isContained = profile !== "open" && roots.every(({ path }) => path !== "/");
  return bare === true && !doorway && cgroups !== null && isContained && isStaticProgram(program);
}

const enter = 'until [ "$1" = -- ]; do echo 0 >"$1" || exit; shift; done; shift; exec "$@"';

type Argv = readonly [program: string, ...args: string[]];

/** The process puts itself in, which is quicker than being put there, and then becomes bubblewrap. */
const entering = (group: Cgroup | null, script: string, argv: Argv): Argv =>
  group === null ? argv : ["/bin/sh", "-c", script, "sh", ...group.entrances, "--", ...argv];

function sendView(child: ChildProcess, fd: number, view: readonly string[]): void {
  const pipe = child.stdio[fd] as Writable;
  // A bubblewrap that died is told by its exit.
  pipe.on("error", () => undefined);
  pipe.end(view.map((argument) => `${argument}\0`).join(""));
}

/** Longer than it takes from its start until it tells of process 1, unless it hangs. */
const tellsWithinMs = 5_000;

/**
 * Killed after it has made process 1 and before it has let that go on, bubblewrap would leave it waiting for ever: it is not
 * ended before it has told which one it is.
 */
function bwrapTree(child: ChildProcess, statusFd: number, group: Cgroup | null): Tree {
  let inside: Inside | null = null;
  let text = "";
  let isDoomed = false;
  const destroy = (): void => {
    if (inside?.namespace && isAlive(inside.namespace.init)) signalExactly(inside.namespace.init, "SIGKILL");
    else if (inside) child.kill("SIGKILL");
    else if (!isDoomed) {
      isDoomed = true;
      setTimeout(() => inside ?? child.kill("SIGKILL"), tellsWithinMs).unref();
    }
  };
  child.stdio[statusFd]?.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    inside ??= readInside(text);
    if (inside && isDoomed) destroy();
  });
  const isGone = () => !inside?.namespace || !isAlive(inside.namespace.init);
  return {
    members: () => (inside?.namespace ? membersOfNamespace(inside.namespace) : []),
    places: () => (inside?.namespace ? placesInNamespace(inside.namespace) : 0),
    destroy,
    isGone,
    release: () => group?.remove(),
  };
}

/** What bubblewrap has told. */
interface Inside {
  /** Null when its process 1 had ended before anybody looked: the kernel ends all the others with it. */
  namespace: Namespace | null;
}

function readInside(text: string): Inside | null {
  const pid = /"child-pid": (\d+)/.exec(text)?.[1];
  const namespace = /"pid-namespace": (\d+)/.exec(text)?.[1];
  if (pid === undefined || namespace === undefined) return null;
  const init = readEntry(Number(pid));
  return { namespace: init && { init, inode: Number(namespace) } };
}
