/** The way to a hub on another machine: a WebSocket to its address, and a wire on it that only that hub can share. */

import { PaddockError } from "@paddock/contract";
import { maxFrameBytes } from "@paddock/contract/link";
import { approachHub, type Carrier, keyFromPem, sealBytes, socketCarrier } from "@paddock/link/sealed";
import { WebSocket } from "ws";
import type { Way } from "./dial.ts";
import { type HubAddress, hubAddress } from "./hub-address.ts";
import type { JoinedHub } from "./joined.ts";

const connectWithinMs = 15_000;

export function remoteHub(joined: JoinedHub): Way {
  const address = hubAddress(joined.url, joined.plain);
  const key = keyFromPem(joined.key);
  return {
    firstDelayMs: 250,
    longestDelayMs: 30_000,
    dial({ yields, ready, failed }) {
      openCarrier(address, {
        failed,
        ready: (carrier) =>
          approachHub(carrier, {
            key,
            purpose: "link",
            trusts: (hubKey) => hubKey === joined.hub,
            ready(wire, signature) {
              wire.text(JSON.stringify({ type: "prove", signature, yields }));
              ready(wire);
            },
            failed,
          }),
      });
    },
  };
}

interface Opening {
  ready(carrier: Carrier): void;
  failed(reason: PaddockError): void;
}

/** Opens the connection that carries the wire. Calls back once. */
export function openCarrier({ link }: HubAddress, { ready, failed }: Opening): void {
  const socket = new WebSocket(link, {
    perMessageDeflate: false,
    maxPayload: maxFrameBytes + sealBytes,
    handshakeTimeout: connectWithinMs,
    followRedirects: false,
    // What a mask is for is given by the sealing: nobody can choose the bytes on the way.
    generateMask: (mask) => mask.fill(0),
  });
  const refused = (fault: Error): void => failed(unreachable(link, fault.message));
  socket.once("error", refused);
  socket.once("open", () => {
    socket.off("error", refused);
    ready(socketCarrier(socket));
  });
}

const unreachable = ({ host }: URL, why: string): PaddockError =>
  new PaddockError("hub_unreachable", `The hub at ${host} cannot be reached: ${why}.`);
