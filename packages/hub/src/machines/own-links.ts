/** Where runners of this host dial in: a WebSocket on a unix socket that only the owner's account can open. */

import { maxFrameBytes } from "@paddock/contract/link";
import { plainWire, type Wire } from "@paddock/link";
import { WebSocketServer } from "ws";
import { createServer } from "../sockets/http-server.ts";
import { listenOnSocket } from "../sockets/unix-socket.ts";

/** A new link replaces the old one, so that more at once are only those that have not said hello. */
const maxLinks = 16;

export async function serveOwnLinks(path: string, attach: (wire: Wire) => void): Promise<{ close(): Promise<void> }> {
  const server = createServer((_request, response) => {
    response.writeHead(426, { "content-type": "text/plain" }).end("This socket speaks WebSocket only.\n");
  });
  const links = new WebSocketServer({ server, path: "/link", maxPayload: maxFrameBytes, perMessageDeflate: false });
  links.on("connection", (socket) => {
    if (links.clients.size > maxLinks) socket.terminate();
    else attach(plainWire(socket));
  });
  await listenOnSocket(server, path);
  return {
    async close() {
      for (const socket of links.clients) socket.terminate();
      links.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
