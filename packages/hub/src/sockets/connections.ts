/**
 * Connections that anybody can hold without saying anything of worth: over some no whole request has come, be it that nothing comes or a
 * letter now and then; others have had their answer and wait. Beyond some of the first the one that has been silent longest makes room,
 * and where all connections get scarce so do the others, so that whoever speaks at once always gets in.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";

export interface ConnectionLimits {
  /** Over which no whole request has come yet. */
  halfOpen: number;
  inAll: number;
}

/** So much of all may be taken before those that wait have to go. */
const scarceFrom = 0.75;

export function boundConnections(server: Server, { halfOpen, inAll }: ConnectionLimits): void {
  const silent = new Set<Socket>();
  let open = 0;
  server.maxConnections = inAll;
  server.on("connection", (socket) => {
    open += 1;
    silent.add(socket);
    socket.once("close", () => {
      open -= 1;
      silent.delete(socket);
    });
    const [oldest] = silent;
    if (silent.size > halfOpen) oldest?.destroy();
    if (open > inAll * scarceFrom) server.closeIdleConnections();
  });
  const speaks = ({ socket }: { socket: Socket }): void => void silent.delete(socket);
  for (const event of ["request", "upgrade", "checkContinue"] as const) server.on(event, speaks);
}
