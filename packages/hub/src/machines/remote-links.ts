/**
 * Where runners of other machines dial in: `/link` of the hub's own address, over WebSocket or, where a network breaks these, with
 * server-sent events. What comes before a runner has proved
 * who it is may be anybody's, so that it is short, soon over, and from not too many at once.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { PaddockError } from "@paddock/contract";
import { type Bye, maxFrameBytes, type RunnerProof } from "@paddock/contract/link";
import type { Wire } from "@paddock/link";
import { type Carrier, receiveRunner, sealBytes, socketCarrier } from "@paddock/link/sealed";
import type { Logger } from "pino";
import { WebSocketServer } from "ws";
import { openEventLinks } from "./event-links.ts";
import type { Fleet } from "./fleet.ts";
import type { HubKey } from "./hub-key.ts";
import type { Registry } from "./registry.ts";

export interface RemoteLinks {
  /** Takes over the connection of an upgrade request. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  /** Answers a request of a link over server-sent events. */
  events(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): void;
}

export interface RemoteLinksParts {
  registry: Registry;
  fleet: Pick<Fleet, "get">;
  /** As it is by now. */
  key(): HubKey;
  log: Pick<Logger, "debug">;
}

/** Connections that have not proved anything. With one more the oldest makes room: who knows what to say needs it for a moment only. */
const maxStrangers = 1_024;
/** A whole handshake is less than half of it. */
const maxStrangerBytes = 16 * 1024;

export function openRemoteLinks(parts: RemoteLinksParts): RemoteLinks {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maxFrameBytes + sealBytes,
  });
  const strangers = new Set<Carrier>();
  /** Speaks to a stranger; `trust` is called once it is none any more. */
  const receive = (carrier: Carrier, trust: () => void): void => {
    const known = (): void => {
      if (strangers.delete(carrier)) trust();
    };
    strangers.add(carrier);
    receiveRunner(carrier, {
      ...parts.key(),
      ready(wire, runner) {
        known();
        welcome(parts, wire, runner);
      },
      failed(reason) {
        known();
        parts.log.debug({ reason }, "a connection to /link came to nothing");
      },
    });
    const [oldest] = strangers;
    if (!oldest || strangers.size <= maxStrangers) return;
    strangers.delete(oldest);
    oldest.cut("too many others came after it");
  };
  const events = openEventLinks({ maxStrangerBytes, accept: receive });
  return {
    upgrade(request, stream, head) {
      const trust = cutWhenLong(stream, head.length);
      sockets.handleUpgrade(request, stream, head, (socket) => receive(socketCarrier(socket, stream), trust));
    },
    events: events.handle,
    close() {
      events.close();
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

function welcome(parts: RemoteLinksParts, wire: Wire, { key, proof }: { key: string; proof: RunnerProof }): void {
  const { registry, fleet } = parts;
  try {
    if (proof.type === "enrol") {
      enrol(registry, wire, key, proof);
      return;
    }
    const id = registry.admit(key);
    if (proof.yields && fleet.get(id)?.online) {
      registry.conflict(id);
      throw new PaddockError("link_replaced", "Another runner with the key of this machine is connected.");
    }
    registry.attach(id, wire);
  } catch (error) {
    if (!(error instanceof PaddockError)) throw error;
    wire.text(JSON.stringify({ type: "bye", code: error.code, message: error.message } satisfies Bye));
    wire.close();
  }
}

function enrol(registry: Registry, wire: Wire, publicKey: string, wish: Extract<RunnerProof, { type: "enrol" }>): void {
  const { secret, name, hostname } = wish;
  const { id, name: given } = registry.enrol({ secret, publicKey, name, hostname });
  wire.text(JSON.stringify({ type: "enrolled", machine: id, name: given }));
  wire.close();
}

/** Ends a connection over which too much comes before it has proved anything. Returns how to stop counting. */
function cutWhenLong(stream: Duplex, already: number): () => void {
  let bytes = already;
  const count = (piece: Buffer): void => {
    bytes += piece.length;
    if (bytes > maxStrangerBytes) stream.destroy();
  };
  stream.on("data", count);
  return () => stream.off("data", count);
}
