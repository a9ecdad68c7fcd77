/** The two ways in which a hub's link can be carried. */
import type { Socket } from "node:net";
import { PaddockError } from "@paddock/contract";
import { maxFrameBytes } from "@paddock/contract/link";
import { type Carrier, sealBytes, socketCarrier } from "@paddock/link/sealed";
import { WebSocket } from "ws";
import { openEventCarrier } from "./event-carrier.ts";
import { type Reach, reachOf } from "./reach.ts";

type CarrierKind = "websocket" | "events";

export interface Carriers {
  /** Opens the next connection. Throws hub_unreachable. */
  open(): Promise<Carrier>;
  /** A connection came to nothing once it was open: something in between may not carry its kind. */
  fruitless(): void;
  /** A connection is a link. */
  fruitful(): void;
}

const openWithinMs = 15_000;

/** Something is there, and does not carry this kind of connection. */
class NotCarried extends PaddockError {}

/**
 * Begins with WebSockets. Where these are refused, or come to nothing, the other kind is tried with the next attempt, and so on in
 * turns; what has been a link is begun with again.
 */
export function openCarriers(link: URL, environment: Readonly<Record<string, string | undefined>>): Carriers {
  const reach = reachOf(link, environment);
  let kind: CarrierKind = "websocket";
  let proven: CarrierKind | null = null;
  const turn = (): void => {
    kind = kind === "websocket" ? "events" : "websocket";
  };
  return {
    async open() {
      try {
        return kind === "websocket" ? await openWebSocket(link, reach) : await openEventCarrier(link, reach);
      } catch (error) {
        if (error instanceof NotCarried || kind === "events") turn();
        throw error;
      }
    },
    fruitless() {
      if (proven === null) turn();
      else kind = proven;
    },
    fruitful() {
      proven = kind;
    },
  };
}

async function openWebSocket(link: URL, reach: Reach): Promise<Carrier> {
  const stream: Socket = await reach.open();
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(link, {
      perMessageDeflate: false,
      maxPayload: maxFrameBytes + sealBytes,
      handshakeTimeout: openWithinMs,
      followRedirects: false,
      createConnection: () => stream,
      // What a mask is for is given by the sealing: nobody can choose the bytes on the way.
      generateMask: (mask) => mask.fill(0),
    });
    const refused = (fault: Error): void => {
      stream.destroy();
      reject(new NotCarried("hub_unreachable", `${link.host} takes no WebSocket: ${fault.message}.`));
    };
    socket.once("error", refused);
    socket.once("open", () => {
      socket.off("error", refused);
      resolve(socketCarrier(socket, stream));
    });
  });
}
