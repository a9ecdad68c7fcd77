/**
 * What serves one local client without a hub: the same runs over a link that this side dials, to the runner's own control
 * socket. Nothing is kept but in the runner, whose ledger answers for earlier runs too.
 */
import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { type Config, ownMachine, PaddockError } from "@paddock/contract";
import { maxFrameBytes } from "@paddock/contract/link";
import { plainWire } from "@paddock/link";
import { WebSocket } from "ws";
import { mayCall } from "./access/toolsets.ts";
import { openDatabase } from "./database/database.ts";
import type { Log } from "./log.ts";
import { openFleet } from "./machines/fleet.ts";
import type { AttachableMachine } from "./machines/linked-machine.ts";
import type { Machine, ShownMachines } from "./machines/machine.ts";
import { openBatchStore } from "./runs/batch-store.ts";
import { openRuns } from "./runs/calls.ts";
import type { Runs } from "./runs/runs.ts";
import { openRunStore } from "./runs/store.ts";

export { toolsFor } from "./access/toolsets.ts";
export { openLog } from "./log.ts";
export { toolContext } from "./machines/choice.ts";
export { serveStdio } from "./surfaces/stdio/serve.ts";

export interface AttachOptions {
  /** The runner's control socket. */
  socket: string;
  config: Config;
  /** Not on standard output when that is the client's. Calls that never reach the runner are told here. */
  log: Pick<Log, "debug" | "info" | "warn" | "error">;
}

export interface Attached {
  runs: Runs;
  machines: ShownMachines;
  close(): void;
}

const helloWithinMs = 10_000;
const firstDelayMs = 100;
const longestDelayMs = 5_000;

/** Resolves when the runner has said hello; dials again whenever it is lost. Throws not_running when none answers. */
export async function attachToRunner({ socket, config, log }: AttachOptions): Promise<Attached> {
  const fleet = openFleet({ hub: "attached client", log, records: null, seen() {}, newKey: () => false });
  const machine = fleet.add({ id: ownMachine, name: hostname(), labels: [], disabled: false }, null);
  const database = openDatabase(":memory:");
  const audit = {
    write: (entry: object) => log.info({ entry }, "a call was answered without the machine"),
    mustBeWritable() {},
  };
  const runs = openRuns({
    store: openRunStore(database, config.result_keep_bytes),
    batches: openBatchStore(database),
    machines: fleet,
    access: { mayCall },
    audit,
    config,
    log,
    onEnd() {},
    onRefused() {},
  });
  const stopping = new AbortController();
  const close = (): void => {
    stopping.abort();
    fleet.close();
  };
  try {
    await greeted(machine, dial(socket, machine));
  } catch (error) {
    close();
    throw error;
  }
  void keepDialling(socket, machine, stopping.signal);
  return { runs, machines: fleet, close };
}

/** The connection, once it is open or has failed to open. */
function dial(path: string, machine: AttachableMachine): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws+unix:${path}:/link`, {
      perMessageDeflate: false,
      maxPayload: maxFrameBytes,
      // A mask protects proxies on the way; a socket on this machine has none.
      generateMask: (mask) => mask.fill(0),
    });
    socket.once("open", () => resolve(true));
    socket.once("error", () => resolve(false));
    machine.attach(plainWire(socket));
  });
}

async function greeted(machine: Machine, dialled: Promise<boolean>): Promise<void> {
  if (!(await dialled)) throw absent();
  if (machine.online) return;
  await new Promise<void>((resolve, reject) => {
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      stop();
      end();
    };
    const timer = setTimeout(() => settle(() => reject(absent())), helloWithinMs);
    const stop = machine.onChange(() => machine.online && settle(resolve));
  });
}

const absent = (): PaddockError => new PaddockError("not_running", "No runner answers on this machine.");

function isAbsent(error: unknown): false {
  if (error instanceof PaddockError) return false;
  throw error;
}

async function keepDialling(path: string, machine: AttachableMachine, signal: AbortSignal): Promise<void> {
  let delay = firstDelayMs;
  while (!signal.aborted) {
    await wait(delay, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    const back = machine.online || (await greeted(machine, dial(path, machine)).then(() => true, isAbsent));
    delay = back ? firstDelayMs : Math.min(delay * 2, longestDelayMs);
  }
}
