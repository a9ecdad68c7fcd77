/** Listening on the address of the settings, and letting go of it. */
import type { Server } from "node:http";
import { type Config, PaddockError } from "@paddock/contract";

/** Resolves with the address as a client on this machine reaches it. Throws already_running when the port is taken. */
export function listen(server: Server, { host, port }: Config): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const inUse = error.code === "EADDRINUSE";
      reject(
        inUse
          ? new PaddockError("already_running", `Port ${port} is in use.`, "Stop what uses it, or set PADDOCK_PORT.")
          : error,
      );
    });
    server.listen(port, host, () => {
      const bound = server.address();
      const shown = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
      resolve(`http://${shown}:${typeof bound === "object" ? bound?.port : port}`);
    });
  });
}

export function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
