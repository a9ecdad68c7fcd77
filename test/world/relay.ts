/** Somebody between a machine and its hub, who sees every message of the link and does with it as told. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket as Socket, WebSocket, WebSocketServer } from "ws";

export const directions = ["to the machine", "to the hub"] as const;
export type Direction = (typeof directions)[number];

/** What becomes of so many messages that follow each other. */
export interface Misdeed {
  takes: number;
  does(messages: readonly Buffer[]): readonly Buffer[];
}

export interface Relay extends AsyncDisposable {
  readonly address: string;
  /** How many connections there were. */
  readonly connections: number;
  /** Does it to the next messages that go that way, once. Resolves when it is done. */
  once(direction: Direction, misdeed: Misdeed): Promise<void>;
  /** All that went that way over connections that are over. */
  readonly seen: Readonly<Record<Direction, readonly Buffer[]>>;
}

interface Plan {
  misdeed: Misdeed;
  held: Buffer[];
  done(): void;
}

/** On both sides the first message is the handshake's, the second a greeting: what follows is the link at work. */
const firstMessages = 2;

export async function openRelay(hub: string): Promise<Relay> {
  const server = createServer();
  const machines = new WebSocketServer({ server, perMessageDeflate: false });
  const plans = new Map<Direction, Plan>();
  const seen: Record<Direction, Buffer[]> = { "to the machine": [], "to the hub": [] };
  let connections = 0;
  const deal = (direction: Direction, message: Buffer, plan: Plan): readonly Buffer[] => {
    plan.held.push(message);
    if (plan.held.length < plan.misdeed.takes) return [];
    plans.delete(direction);
    plan.done();
    return plan.misdeed.does(plan.held);
  };
  const pass = (direction: Direction, from: Socket, to: Socket): void => {
    const passed: Buffer[] = [];
    from.on("message", (data) => {
      const message = data as Buffer;
      const plan = passed.length < firstMessages ? undefined : plans.get(direction);
      for (const one of plan ? deal(direction, message, plan) : [message]) to.send(one, { binary: true });
      passed.push(message);
    });
    from.on("error", () => {});
    from.on("close", () => {
      seen[direction].push(...passed);
      // What it had held back goes with it.
      plans.get(direction)?.held.splice(0);
      to.terminate();
    });
  };
  machines.on("connection", (machine) => {
    const far = new WebSocket(`${hub.replace("http", "ws")}/link`, { perMessageDeflate: false });
    const waiting: Buffer[] = [];
    const keep = (data: unknown): void => void waiting.push(data as Buffer);
    connections += 1;
    machine.on("message", keep);
    far.on("error", () => machine.terminate());
    far.on("open", () => {
      machine.off("message", keep);
      pass("to the hub", machine, far);
      for (const message of waiting) machine.emit("message", message);
    });
    pass("to the machine", far, machine);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    get connections() {
      return connections;
    },
    once: (direction, misdeed) => new Promise((done) => void plans.set(direction, { misdeed, held: [], done })),
    async [Symbol.asyncDispose]() {
      for (const machine of machines.clients) machine.terminate();
      machines.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
