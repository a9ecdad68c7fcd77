/** A started program as a `Contained`: its streams, its end, and the end of everything it started. */
import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { PaddockError } from "@paddock/contract";
import { type Entry, signalExactly } from "../processes/process-table.ts";
import type { Contained, Exit } from "./cage.ts";

/** What the backend knows about the processes behind a child. */
export interface Tree {
  /** The processes of the tree, but for those of the backend itself. */
  members(): Entry[];
  /** The places of its limit that are taken, threads and zombies counted. */
  places(): number;
  /** Ends all of it; may be called again and again. */
  destroy(): void;
  /** True when nothing of it is left. */
  isGone(): boolean;
  /** Called once, after the last process is gone. */
  release(): void;
}

export const drainMs = 2_000;
const goneMs = 10_000;

/** Waits until the program has started. Throws command_not_found or permission_denied when it cannot. */
export async function cagedChild(child: ChildProcess, program: string, tree: Tree): Promise<Contained> {
  const { stdin, stdout, stderr } = streamsOf(child);
  const exited = endOf(child);
  await started(child, program);
  const { pid = 0 } = child;
  // A program that ends before it has read its input is no fault of ours.
  stdin.on("error", ignoreBrokenPipe);
  return { pid, stdin, stdout, stderr, exited, ...endingOf(exited, tree) };
}

/** How a tree is looked at and ended, and that what is left of it ends with the program. */
export function endingOf(
  exited: Promise<Exit>,
  tree: Tree,
): Pick<Contained, "members" | "places" | "kill" | "destroy"> {
  const gone = exited.then(async () => {
    tree.destroy();
    const isGone = await untilGone(tree);
    if (isGone) tree.release();
    return isGone;
  });
  const kill = async (graceMs: number): Promise<void> => {
    if (graceMs > 0) {
      for (const member of tree.members()) signalExactly(member, "SIGTERM");
      const patience = new AbortController();
      const waited = delay(graceMs, undefined, { signal: patience.signal, ref: false }).catch(() => undefined);
      await Promise.race([exited, waited]);
      patience.abort();
    }
    tree.destroy();
    if (!(await gone)) throw new Error("A cage did not end within 10 s of being killed.");
  };
  return { members: () => tree.members(), places: () => tree.places(), kill, destroy: () => tree.destroy() };
}

function streamsOf(child: ChildProcess): { stdin: Writable; stdout: Readable; stderr: Readable } {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error("A caged program has three pipes.");
  return { stdin, stdout, stderr };
}

function started(child: ChildProcess, program: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error: NodeJS.ErrnoException) => reject(cannotStart(error, program)));
  });
}

function cannotStart(error: NodeJS.ErrnoException, program: string): Error {
  if (error.code === "ENOENT") return new PaddockError("command_not_found", `There is no program ${program}.`);
  if (error.code === "EACCES") return new PaddockError("permission_denied", `${program} cannot be executed.`);
  if (error.code === "EAGAIN") return new PaddockError("too_many", "The machine has no room for another process.");
  return error;
}

/** The exit, once the streams are closed too or were given 2 s to drain: a background child may hold them open. */
function endOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      const exit = { code, signal };
      const timer = setTimeout(() => {
        for (const stream of child.stdio) stream?.destroy();
        resolve(exit);
      }, drainMs);
      child.once("close", () => {
        clearTimeout(timer);
        resolve(exit);
      });
    });
  });
}

async function untilGone(tree: Tree): Promise<boolean> {
  for (let waitedMs = 0, pauseMs = 1; waitedMs < goneMs; waitedMs += pauseMs, pauseMs = Math.min(pauseMs * 2, 100)) {
    if (tree.isGone()) return true;
    await delay(pauseMs);
    tree.destroy();
  }
  return false;
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "ECONNRESET" && error.code !== "ERR_STREAM_DESTROYED") throw error;
}
