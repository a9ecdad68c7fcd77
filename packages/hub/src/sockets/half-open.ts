/**
 * Connections over which no whole request has come. Anybody can open these and say nothing, or a letter now and then; beyond some
 * the one that has been silent longest makes room, so that whoever speaks at once always gets in.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";

export function boundHalfOpen(server: Server, most: number): void {
  const silent = new Set<Socket>();
  const speaks = ({ socket }: { socket: Socket }): void => void silent.delete(socket);
  server.on("connection", (socket) => {
    silent.add(socket);
    socket.once("close", () => silent.delete(socket));
    const [oldest] = silent;
    if (silent.size > most) oldest?.destroy();
  });
  for (const event of ["request", "upgrade", "checkContinue"] as const) server.on(event, speaks);
}
