/** All connections over which calls come: the one to the hub, and clients attached to this machine's own socket. */
import type { WebSocket } from "ws";
import type { LiveAbout } from "./about.ts";
import { type Dialled, dialHub } from "./dial.ts";
import type { HubInbox } from "./hub-inbox.ts";
import { openPeer, type Peer, type PeerParts } from "./peer.ts";

export interface Links {
  readonly hub: Dialled | null;
  dial(hubSocket: string): void;
  attach(socket: WebSocket): void;
  close(): void;
}

type LinkParts = Omit<PeerParts, "via" | "about" | "inbox"> & { about: LiveAbout; inbox: HubInbox };

export function openLinks({ about, inbox, ...parts }: LinkParts): Links {
  const attached = new Map<WebSocket, Peer>();
  let hub: Dialled | null = null;
  about.onChange(() => {
    hub?.announce();
    for (const peer of attached.values()) peer.announce();
  });
  return {
    get hub() {
      return hub;
    },
    dial(hubSocket) {
      hub = dialHub(hubSocket, { ...parts, inbox, via: "hub", about: about.now });
    },
    attach(socket) {
      attached.set(socket, openPeer(socket, { ...parts, inbox: null, via: "attached", about: about.now }));
      socket.on("close", () => attached.delete(socket));
      socket.on("error", (fault) => parts.log.warn({ err: fault }, "an attached client failed"));
    },
    close() {
      hub?.close();
      for (const socket of attached.keys()) socket.close(1001);
    },
  };
}
