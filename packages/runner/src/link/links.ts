/** All connections over which calls come: the one to the hub, and clients attached to this machine's own socket. */
import { randomUUID } from "node:crypto";
import { plainWire } from "@paddock/link";
import type { WebSocket } from "ws";
import type { LiveAbout } from "./about.ts";
import { type Dialled, keepLinked } from "./dial.ts";
import type { HubInbox } from "./hub-inbox.ts";
import type { KnownHub } from "./known-hub.ts";
import { openPeer, type Peer, type PeerParts } from "./peer.ts";
import { wayToHub } from "./way.ts";

export interface Links {
  readonly hub: Dialled | null;
  /** As `paddock status` tells of it. */
  readonly state: { hub: boolean; problem: string | null; joined: string | null };
  /** Dials the hub that the machine has joined, or else the one at this socket. */
  dial(ownSocket: string): Promise<void>;
  attach(socket: WebSocket): void;
  close(): void;
}

type LinkParts = Omit<PeerParts, "boot" | "via" | "about" | "inbox" | "onBye" | "onClosed" | "ownKey"> &
  KnownHub & {
    about: LiveAbout;
    inbox: HubInbox;
    environment: Readonly<Record<string, string | undefined>>;
  };

export function openLinks({ about, inbox, joined, folder, environment, ...rest }: LinkParts): Links {
  const parts = { ...rest, boot: randomUUID() };
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
    get state() {
      return { hub: hub?.connected ?? false, problem: hub?.problem?.message ?? null, joined: joined?.url ?? null };
    },
    async dial(ownSocket) {
      hub = keepLinked(await wayToHub(ownSocket, { joined, folder, audit: parts.audit }, environment), {
        ...parts,
        inbox,
        via: "hub",
        about: about.now,
      });
    },
    attach(socket) {
      const noBye = { ownKey: null, onBye() {}, onClosed: () => attached.delete(socket) };
      const peer = { ...parts, ...noBye, inbox: null, via: "attached", about: about.now } as const;
      attached.set(socket, openPeer(plainWire(socket), peer));
    },
    close() {
      hub?.close();
      for (const socket of attached.keys()) socket.close(1001);
    },
  };
}
