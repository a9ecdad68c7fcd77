/** Starts a program in a container, as a cage: nothing of it runs before what is mounted was compared with what was meant. */
import { randomBytes } from "node:crypto";
import { fstatSync, lstatSync, mkdirSync, readSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { PaddockError } from "@paddock/contract";
import {
  type Identity,
  isAlive,
  membersOfNamespace,
  type Namespace,
  placesInNamespace,
  readEntry,
  signalExactly,
} from "../../processes/process-table.ts";
import type { CageSpec, Contained, Exit, Limits } from "../cage.ts";
import { drainMs, endingOf, type Tree } from "../child.ts";
import { doorstepEnvironment } from "../doorstep.ts";
import type { Hidden } from "../hidden/hidden.ts";
import { newMark } from "../last-resort.ts";
import { shownOf, stepsFor } from "../mounts.ts";
import { Pins } from "../pins.ts";
import type { Step } from "../step.ts";
import { homeInside, ownIds } from "../system-view.ts";
import { cleanEnvironment } from "../view.ts";
import { containerOf } from "./container.ts";
import type { Engine } from "./engine.ts";
import { openPorter } from "./porter.ts";
import { separate } from "./streams.ts";

export interface Docker {
  engine: Engine;
  image: string;
  /** PATH that the image sets. */
  path: string;
  labels: Readonly<Record<string, string>>;
  made: readonly { path: string; at: string }[];
  unreadable: string;
  /** Folder for what containers find open; only this account sees it. */
  folder: string;
  homeFor(domain: string): string;
}

export async function startContainer(
  docker: Docker,
  spec: CageSpec,
  limits: Limits,
  hidden: readonly Hidden[],
): Promise<Contained> {
  using pins = new Pins(0);
  const shown = shownOf(spec, hidden);
  if (shown.roots.some(({ path }) => path === "/")) throw wholeMachine();
  const folders = shown.roots.map(({ path }) => path);
  const steps = stepsFor(shown, hidden, { folders, own: ["/proc", "/dev"], pins });
  const { engine } = docker;
  const mark = newMark();
  const name = `paddock-${randomBytes(9).toString("hex")}`;
  const opened = copiesOf(spec.inherit ?? [], join(docker.folder, name));
  const container = containerOf({
    ...docker,
    ...{ argv: spec.argv, cwd: spec.cwd, limits, steps, opened, ids: ownIds() },
    environment: {
      ...(spec.bare ? {} : cleanEnvironment({ path: docker.path, env: {} }, homeInside)),
      ...(spec.doorway ? { ...doorstepEnvironment, ...spec.doorway.env } : {}),
      ...spec.env,
      [mark.name]: mark.value,
    },
    privateHome: docker.homeFor(spec.domain),
  });
  const release = () => rmSync(join(docker.folder, name), { recursive: true, force: true });
  const failed = new AbortController();
  try {
    await engine.create(name, container);
    const socket = await engine.attach(name);
    // The engine keeps it open for a container that it could not start.
    failed.signal.addEventListener("abort", () => socket.destroy());
    const ended = engine.ended(name, failed.signal);
    // Whoever starts it is told, and so is whoever waits for its end.
    ended.catch(() => undefined);
    await engine.start(name);
    const init = readEntry(await engine.pid(name));
    if (init) await compareOnceStarted(init, steps, docker.unreadable);
    const closeDoor = spec.doorway ? await openPorter({ ...docker, cage: name, mark }, spec.doorway) : () => undefined;
    socket.write("\n");
    return containedBy({ socket, ended: ended.finally(closeDoor), init, kill: () => engine.kill(name), release });
  } catch (error) {
    failed.abort();
    await engine.kill(name);
    release();
    throw error;
  }
}

const wholeMachine = (): PaddockError =>
  new PaddockError(
    "cannot_enforce",
    "A container cannot show the whole machine.",
    'Use `profile = "workspace"` with the sandbox docker, and roots that are folders.',
  );

/** What is to be found open is copied: a container inherits no descriptors. */
function copiesOf(descriptors: readonly number[], folder: string): string[] {
  if (descriptors.length > 0) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return descriptors.map((fd, index) => {
    const path = join(folder, `${index}`);
    const content = Buffer.alloc(fstatSync(fd).size);
    readSync(fd, content, 0, content.length, 0);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  });
}

/** Until the engine's program has become the container's, nobody but root may look at it. */
async function compareOnceStarted(init: Identity, steps: readonly Step[], unreadable: string): Promise<void> {
  for (let waitedMs = 0; isAlive(init); waitedMs += pauseMs) {
    try {
      return compare(init.pid, steps, unreadable);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EACCES" || waitedMs > longestStartMs) throw error;
    }
    await delay(pauseMs);
  }
}

const pauseMs = 2;
const longestStartMs = 10_000;

/**
 * The engine follows paths anew when it mounts them, and by then an agent may have put a link there. Throws
 * path_outside_roots where anything else is mounted than what was held open, or a cover is missing.
 */
function compare(pid: number, steps: readonly Step[], unreadable: string): void {
  const cover = identityOf(statSync(unreadable));
  for (const step of steps) {
    const inside = lstatSync(`/proc/${pid}/root${step.at}`, { throwIfNoEntry: false });
    const found = inside ? identityOf(inside) : null;
    if (step.type === "bind" && found !== identityOf(step.pin.stats)) throw exchanged(step.at);
    if (step.type !== "cover") continue;
    const isCovered = step.what === "file" ? found === cover : found !== identityOf(lstatSync(step.at));
    if (!isCovered) throw exchanged(step.at);
  }
}

const identityOf = ({ dev, ino }: { dev: number; ino: number }): string => `${dev}:${ino}`;

const exchanged = (path: string): PaddockError =>
  new PaddockError("path_outside_roots", `${path} leads elsewhere by now.`);

interface Started {
  socket: Socket;
  ended: Promise<number>;
  /** First process of the container; null when it has ended already. */
  init: Identity | null;
  kill(): Promise<void>;
  release(): void;
}

function containedBy({ socket, ended, init, kill, release }: Started): Contained {
  socket.on("error", () => socket.destroy());
  const { stdout, stderr, ended: drained } = separate(socket);
  const exited = ended.then(
    async (code): Promise<Exit> => {
      await Promise.race([drained, delay(drainMs, undefined, { ref: false })]);
      socket.destroy();
      return { code, signal: null };
    },
    () => ({ code: null, signal: "SIGKILL" as const }),
  );
  const namespace = init && namespaceOf(init);
  const tree: Tree = {
    members: () => (namespace ? membersOfNamespace(namespace) : []),
    places: () => (namespace ? placesInNamespace(namespace) : 0),
    destroy: () => {
      if (init === null || signalExactly(init, "SIGKILL") || !isAlive(init)) return;
      // Where the process is not this account's to end, the engine ends it; that it did not is seen by its going on.
      kill().catch(() => undefined);
    },
    isGone: () => init === null || !isAlive(init),
    release,
  };
  return { pid: init?.pid ?? 0, stdin: socket, stdout, stderr, exited, ...endingOf(exited, tree) };
}

/** Null when it has ended. */
function namespaceOf(init: Identity): Namespace | null {
  const inode = statSync(`/proc/${init.pid}/ns/pid`, { throwIfNoEntry: false })?.ino;
  return inode === undefined ? null : { init, inode };
}
