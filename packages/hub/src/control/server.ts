/** The owner's control socket: HTTP on a unix socket that only the owner's account can open. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "../sockets/http-server.ts";
import { listenOnSocket } from "../sockets/unix-socket.ts";
import type { ControlParts } from "./routes.ts";

export async function serveControl(path: string, parts: ControlParts): Promise<{ close(): Promise<void> }> {
  let loaded: Promise<(request: IncomingMessage, response: ServerResponse) => Promise<void>> | null = null;
  const server = createServer((request, response) => {
    loaded ??= loadApp(parts);
    loaded
      .then((answer) => answer(request, response))
      .catch((error) => {
        parts.log.error({ err: error }, "a request on the control socket failed");
        response.destroy();
      });
  });
  await listenOnSocket(server, path);
  return {
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Loaded with the first request, to keep the start quick. */
async function loadApp(parts: ControlParts) {
  const [{ getRequestListener }, { controlApp }] = await Promise.all([
    import("@hono/node-server"),
    import("./routes.ts"),
  ]);
  return getRequestListener(controlApp(parts).fetch, { overrideGlobalObjects: false });
}
