/** The way to the hub of this machine: a unix socket that only the owner's account can open. */
import { connect } from "node:net";
import { PaddockError } from "@paddock/contract";
import { plainWire } from "@paddock/link";
import { WebSocket } from "ws";
import type { Way } from "./dial.ts";
import { socketOptions } from "./peer.ts";

/** Nobody serves the socket, as when the hub starts after its runner. */
const absent: ReadonlySet<string | undefined> = new Set(["ENOENT", "ECONNREFUSED"]);

export const ownHub = (path: string): Way => ({
  ownKey: null,
  firstDelayMs: 10,
  longestDelayMs: 5_000,
  dial({ ready, failed }) {
    // A mask protects proxies on the way; a socket on this machine has none, and masking costs a pass over every byte.
    const stream = connect(path);
    const socket = new WebSocket(`ws+unix:${path}:/link`, {
      ...socketOptions,
      generateMask: (mask) => mask.fill(0),
      createConnection: () => stream,
    });
    const refused = (fault: NodeJS.ErrnoException): void =>
      failed(
        absent.has(fault.code)
          ? null
          : new PaddockError("hub_unreachable", `The hub of this machine cannot be reached: ${fault.message}.`),
      );
    socket.once("error", refused);
    socket.once("open", () => {
      socket.off("error", refused);
      ready(plainWire(socket, stream));
    });
  },
});
