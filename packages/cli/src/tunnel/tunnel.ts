/** A tunnel while it runs: its program is kept running, its state is known, and `paddock status` and `doctor` can ask for it. */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { maskSecrets } from "@paddock/contract";
import { listenOnSocket } from "@paddock/hub/unix-socket";
import { keepRunning } from "../supervise/program.ts";
import type { Told, TunnelKind, TunnelPlan } from "./plan.ts";

/** What the tunnel's own control socket answers. */
export interface TunnelStatus {
  kind: TunnelKind;
  state: "starting" | "up" | "down";
  /** ISO time of the last change of state. */
  since: string;
  /** The public address it gives, when there is one that it or the settings tell. */
  address: string | null;
  /** Why it is down, in the program's last words. */
  reason: string | null;
  /** How often its program was started. */
  starts: number;
  pid: number;
}

export interface TunnelOptions {
  plan: TunnelPlan;
  /** Where `paddock status` asks. */
  socket: string;
  /** Told each change of state. */
  changed(status: TunnelStatus): void;
  /** How often the health address is asked. */
  lookEveryMs?: number;
}

const lookPatienceMs = 3_000;
const keptLines = 3;

/** Runs until `signal`. Throws already_running when another tunnel runs for this state folder. */
export async function runTunnel(options: TunnelOptions, signal: AbortSignal): Promise<void> {
  const { plan, socket, changed, lookEveryMs = 2_000 } = options;
  mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
  const status: TunnelStatus = { ...fresh(plan), pid: process.pid };
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(status));
  });
  await listenOnSocket(server, socket);
  const turn = (state: TunnelStatus["state"], more: Partial<TunnelStatus> = {}): void => {
    const same = state === status.state && (more.address ?? status.address) === status.address;
    Object.assign(status, more, { state, ...(same ? {} : { since: new Date().toISOString() }) });
    if (!same) changed({ ...status });
  };
  try {
    await carry({ plan, status, turn, lookEveryMs }, signal);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const fresh = ({ kind, address }: TunnelPlan): Omit<TunnelStatus, "pid"> => ({
  kind,
  state: "starting",
  since: new Date().toISOString(),
  address,
  reason: null,
  starts: 0,
});

type Turn = (state: TunnelStatus["state"], more?: Partial<TunnelStatus>) => void;

interface Carried {
  plan: TunnelPlan;
  status: TunnelStatus;
  turn: Turn;
  lookEveryMs: number;
}

async function carry({ plan, status, turn, lookEveryMs }: Carried, signal: AbortSignal): Promise<void> {
  let told: Told = {};
  let words: string[] = [];
  if (plan.healthFile !== undefined) rmSync(plan.healthFile, { force: true });
  const program = keepRunning(
    {
      command: plan.command,
      environment: plan.environment,
      started() {
        words = [];
        status.starts += 1;
      },
      heard(line) {
        const news = plan.read(line);
        told = { ...told, ...news };
        if (news?.up) turn("up", { reason: null });
        if (!news && isWorthKeeping(line)) words = [...words, line.trim()].slice(-keptLines);
      },
      ended(how) {
        told = {};
        if (plan.healthFile !== undefined) rmSync(plan.healthFile, { force: true });
        turn("down", { reason: maskSecrets([how, ...words].join(": ")).slice(0, 500) });
      },
    },
    signal,
  );
  const look = async (): Promise<void> => {
    const { starts } = status;
    const health = told.health ?? healthIn(plan.healthFile);
    const reason = health === null ? null : await reasonAgainst(health);
    // What was asked may have ended meanwhile.
    if (health === null || starts !== status.starts || signal.aborted) return;
    if (reason !== null) turn("down", { reason });
    else turn("up", { reason: null, ...(told.address === undefined ? {} : { address: told.address }) });
  };
  await Promise.all([program, every(lookEveryMs, look, signal)]);
}

/** What ssh says of its own doings is not. */
const isWorthKeeping = (line: string): boolean => line.trim() !== "" && !/^debug\d:/.test(line);

async function every(milliseconds: number, act: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await wait(milliseconds, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await act();
  }
}

function healthIn(file: string | undefined): string | null {
  if (file === undefined) return null;
  try {
    return new URL("/readyz", readFileSync(file, "utf8").trim()).href;
  } catch {
    return null;
  }
}

/** Null when the tunnel carries calls. */
async function reasonAgainst(health: string): Promise<string | null> {
  try {
    const answer = await fetch(health, { signal: AbortSignal.timeout(lookPatienceMs) });
    return answer.ok ? null : maskSecrets((await answer.text()).trim().slice(0, 300)) || `HTTP ${answer.status}`;
  } catch {
    return "its program does not answer";
  }
}
