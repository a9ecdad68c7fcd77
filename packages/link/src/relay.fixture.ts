/** A hub's and a runner's end of a link for tests, with a relay between them that does what a test wants to the messages. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { RunnerProof } from "@paddock/contract/link";
import { WebSocket, WebSocketServer } from "ws";
import { socketCarrier } from "./carrier.ts";
import { approachHub, receiveRunner } from "./handshake.ts";
import { type LinkKey, newKey } from "./keys.ts";
import type { Wire } from "./wire.ts";

export type Direction = "to hub" | "to runner";

/** What becomes of the message with that number in its direction: what is passed on instead, in order, and whereto. */
export type Tamper = (message: Buffer, direction: Direction, number: number) => readonly Passed[];
type Passed = Buffer | { back: Buffer };

export const passOn: Tamper = (message) => [message];

/** One end, and what it has heard. */
export interface End {
  readonly wire: Wire | null;
  readonly texts: string[];
  /** Why it ended. */
  reason: string | null;
}

export interface RelayedLink extends AsyncDisposable {
  hub: End & { runner: { key: string; proof: RunnerProof } | null };
  runner: End;
  keys: { hub: LinkKey; runner: LinkKey };
  /** Every message that the relay has seen, by direction. */
  seen: Record<Direction, Buffer[]>;
  /** When neither end is in its handshake any more. */
  settled: Promise<unknown>;
  /** When both ends are over. */
  over: Promise<unknown>;
}

type Opposite = { end: WebSocket; other: WebSocket };

/** Opens a link through the relay. The runner says its proof, as it must; what follows is the test's. */
export async function openRelayed(tamper: Tamper = passOn, trusted?: string): Promise<RelayedLink> {
  const keys = { hub: newKey(), runner: newKey() };
  const [atHub, relayToHub] = await socketPair();
  const [relayToRunner, atRunner] = await socketPair();
  const seen: Record<Direction, Buffer[]> = { "to hub": [], "to runner": [] };
  const relay = (direction: Direction, { end, other }: Opposite) => {
    end.on("message", (data: Buffer) => {
      const number = seen[direction].push(data);
      for (const passed of tamper(data, direction, number)) {
        if (Buffer.isBuffer(passed)) other.send(passed);
        else end.send(passed.back);
      }
    });
    end.on("close", () => other.close());
  };
  relay("to hub", { end: relayToRunner, other: relayToHub });
  relay("to runner", { end: relayToHub, other: relayToRunner });
  const hub: RelayedLink["hub"] & { wire: Wire | null } = { wire: null, texts: [], reason: null, runner: null };
  const runner: End & { wire: Wire | null } = { wire: null, texts: [], reason: null };
  const hubSettled = Promise.withResolvers<void>();
  const runnerSettled = Promise.withResolvers<void>();
  const over = Promise.all([once(atHub, "close"), once(atRunner, "close")]);
  receiveRunner(socketCarrier(atHub), {
    before: [],
    key: keys.hub,
    ready(wire, proved) {
      hub.runner = proved;
      use(hub, wire);
      hubSettled.resolve();
    },
    failed(reason) {
      hub.reason = reason;
      hubSettled.resolve();
    },
  });
  approachHub(socketCarrier(atRunner), {
    key: keys.runner,
    purpose: "link",
    trusts: (key) => key === (trusted ?? keys.hub.publicKey),
    ready(wire, signature) {
      use(runner, wire);
      wire.text(JSON.stringify({ type: "prove", signature, yields: false }));
      runnerSettled.resolve();
    },
    failed(reason) {
      runner.reason = `${reason.code}: ${reason.message}`;
      runnerSettled.resolve();
    },
  });
  const sockets = [atHub, relayToHub, relayToRunner, atRunner];
  return {
    hub,
    runner,
    keys,
    seen,
    settled: Promise.all([hubSettled.promise, runnerSettled.promise]),
    over,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.terminate();
      await over;
    },
  };
}

function use(end: End & { wire: Wire | null }, wire: Wire): void {
  end.wire = wire;
  wire.listen({
    text: (text) => void end.texts.push(text),
    bytes() {},
    closed(reason) {
      end.reason = reason;
    },
  });
}

/** Both ends of one WebSocket over loopback. */
export async function socketPair(): Promise<[server: WebSocket, client: WebSocket]> {
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  client.on("error", () => {});
  const [[accepted]] = await Promise.all([once(server, "connection"), once(client, "open")]);
  server.close();
  http.close();
  return [accepted, client];
}
