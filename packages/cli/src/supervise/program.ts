/**
 * Keeps a program of somebody else's running, such as a tunnel client: starts it again whenever it ends, and never gives up,
 * because what it waits for (a network, a far host) comes back. It ends with us, also when we are killed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

export interface KeptProgram {
  command: readonly [program: string, ...args: string[]];
  environment: NodeJS.ProcessEnv;
  /** Told each line that it prints, cut at 4 kB. */
  heard(line: string): void;
  started(): void;
  /** Told how it ended, and when it is started again. */
  ended(how: string, pauseMs: number): void;
}

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** Having run for so long, it begins anew with the shortest pause. */
const stableMs = 60_000;
const killAfterMs = 5_000;
const maxLineCharacters = 4_096;
const setpriv = "/usr/bin/setpriv";

/** Resolves when the program has ended after `signal`. */
export async function keepRunning(kept: KeptProgram, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const begun = performance.now();
    kept.started();
    const how = await runOnce(kept, signal);
    if (signal.aborted) return;
    failures = performance.now() - begun > stableMs ? 0 : failures + 1;
    const pauseMs = jittered(Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, failures - 1)));
    kept.ended(how, pauseMs);
    await wait(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Between three quarters and the whole, so that many do not come back at once. */
const jittered = (milliseconds: number): number => Math.round(milliseconds * (0.75 + Math.random() / 4));

function runOnce({ command, environment, heard }: KeptProgram, signal: AbortSignal): Promise<string> {
  const [program, ...args] = endingWithUs(command);
  const child = spawn(program, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) eachLine(stream, heard);
  const stop = () => end(child);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  return new Promise((resolve) => {
    child.on("error", (fault) => resolve(fault.message));
    // Its descendants may hold the pipes open, and are not waited for.
    child.on("exit", (code, killer) => {
      signal.removeEventListener("abort", stop);
      resolve(killer ?? `exit ${code}`);
    });
  });
}

function end(child: ChildProcess): void {
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), killAfterMs).unref();
}

/** Where the kernel can see to it, the program dies with this process, however that ends. */
const endingWithUs = (command: KeptProgram["command"]): KeptProgram["command"] =>
  existsSync(setpriv) ? [setpriv, "--pdeathsig", "KILL", "--", ...command] : command;

function eachLine(stream: NodeJS.ReadableStream, heard: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (piece: string) => {
    const lines = (rest + piece).split(/\r?\n/);
    rest = (lines.pop() ?? "").slice(0, maxLineCharacters);
    for (const line of lines) heard(line.slice(0, maxLineCharacters));
  });
}
