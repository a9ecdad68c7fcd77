/**
 * Keeps hub and runner running as two processes: starts both at once, starts either again when it ends, and ends both when
 * asked. Neither knows the other's life: a runner goes on without a hub, and the reverse.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PaddockError } from "@paddock/contract/errors";
import type { ChildMessage } from "./child.ts";
import { oneArena, partFlags } from "./part-flags.ts";

export type Part = "hub" | "runner";

export interface SupervisorOptions {
  /** The program each part is run with, and its arguments. */
  commandOf(part: Part): readonly [program: string, ...args: string[]];
  environment: NodeJS.ProcessEnv;
  /** Says what happens in the course of time: a part ended and is started again. */
  say(line: string): void;
}

export interface Supervisor {
  /** Resolves with what the parts said of themselves once both serve and are linked; rejects when one cannot start. */
  readonly ready: Promise<Record<Part, Record<string, unknown>>>;
  /** Resolves when both have ended for good; rejects when one keeps ending. */
  readonly ended: Promise<void>;
  /** Asks both to end; asked again, it ends them at once. */
  stop(): void;
}

const maxExits = 5;
const exitWindowMs = 60_000;
const restartDelayMs = 200;
const killAfterMs = 7_000;

export function supervise(options: SupervisorOptions): Supervisor {
  const ready = Promise.withResolvers<Record<Part, Record<string, unknown>>>();
  const stopping = new AbortController();
  const killing = new AbortController();
  const facts: Partial<Record<Part, Record<string, unknown>>> = {};
  let linked = false;
  let served = false;
  const heard = (part: Part, message: ChildMessage) => {
    if (message.type === "failed") {
      if (served) options.say(`The ${part} could not start: ${message.message} ${message.nextStep}`);
      return ready.reject(new PaddockError(message.code, message.message, message.nextStep));
    }
    if (message.type === "linked") linked = true;
    else facts[part] = message.facts;
    const { hub, runner } = facts;
    if (!hub || !runner || !linked) return;
    served = true;
    ready.resolve({ hub, runner });
  };
  const signals = { stop: stopping.signal, kill: killing.signal };
  const parts = (["runner", "hub"] as const).map((part) => keepRunning(part, options, signals, heard));
  const ended = Promise.all(parts).then(() => undefined);
  ended.then(
    () => ready.reject(new PaddockError("unavailable", "Paddock was stopped before it was ready.")),
    (fault: unknown) => {
      ready.reject(fault);
      stopping.abort();
    },
  );
  ready.promise.catch(() => stopping.abort());
  const stop = () => (stopping.signal.aborted ? killing : stopping).abort();
  return { ready: ready.promise, ended, stop };
}

interface Signals {
  stop: AbortSignal;
  kill: AbortSignal;
}

async function keepRunning(
  part: Part,
  { commandOf, environment, say }: SupervisorOptions,
  signals: Signals,
  heard: (part: Part, message: ChildMessage) => void,
): Promise<void> {
  const exits: number[] = [];
  const { stop } = signals;
  while (!stop.aborted) {
    const [program, ...args] = commandOf(part);
    const child = spawn(program, args, {
      env: { ...environment, ...oneArena },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    child.on("message", (message: ChildMessage) => heard(part, message));
    const how = await exitOf(child, signals);
    if (stop.aborted) return;
    exits.push(Date.now());
    const recent = exits.filter((at) => at > Date.now() - exitWindowMs);
    if (recent.length > maxExits) {
      throw new PaddockError(
        "unavailable",
        `The ${part} ended ${recent.length} times in a minute.`,
        "Look at its last messages above, and run `paddock doctor`.",
      );
    }
    say(`The ${part} ended (${how}) and is started again.`);
    await pause(restartDelayMs * 2 ** (recent.length - 1), stop);
  }
}

/** Ends early, without a fault, when the signal says so. */
const pause = (milliseconds: number, stop: AbortSignal): Promise<void> =>
  wait(milliseconds, undefined, { signal: stop }).catch(() => undefined);

function exitOf(child: ChildProcess, { stop, kill }: Signals): Promise<string> {
  const heard = new AbortController();
  const on = (signal: AbortSignal, act: () => void) => {
    if (signal.aborted) act();
    else signal.addEventListener("abort", act, { once: true, signal: heard.signal });
  };
  on(stop, () => {
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), killAfterMs).unref();
  });
  on(kill, () => child.kill("SIGKILL"));
  return new Promise((resolve) => {
    child.on("error", (fault) => resolve(fault.message));
    child.on("exit", (code, signal) => {
      heard.abort();
      resolve(signal ?? `exit ${code}`);
    });
  });
}

const programs = {
  hub: new URL("../processes/hub.ts", import.meta.url),
  runner: new URL("../processes/runner.ts", import.meta.url),
} as const satisfies Record<Part, URL>;

/** How the parts of this installation are run. Their settings come through the environment. */
export const ownParts = (part: Part): readonly [string, ...string[]] => [
  process.execPath,
  ...partFlags,
  fileURLToPath(programs[part]),
];
