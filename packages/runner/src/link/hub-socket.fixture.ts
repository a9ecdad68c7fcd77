/** The hub's socket for tests, which a runner dials: says welcome, and then whatever a test wants. */
import { once } from "node:events";
import { createServer } from "node:http";
import { protocolVersion } from "@paddock/contract/link";
import { type WebSocket, WebSocketServer } from "ws";

export interface HubSocket extends AsyncDisposable {
  /** The link that the runner has dialled; null while there is none. */
  readonly link: { send(text: string): void } | null;
}

/** `hear` is told every text, and of binary frames what follows the number of their channel. */
export async function openHubSocket(path: string, hear: (text: string) => void): Promise<HubSocket> {
  let link: WebSocket | null = null;
  const server = createServer();
  const links = new WebSocketServer({ server, path: "/link" });
  links.on("connection", (socket) => {
    link = socket;
    socket.on("message", (data: Buffer, isBinary) => hear(isBinary ? data.subarray(4).toString("latin1") : `${data}`));
    socket.on("close", () => {
      if (link === socket) link = null;
    });
    socket.send(JSON.stringify({ type: "welcome", version: protocolVersion, hub: "scripted" }));
  });
  server.listen(path);
  await once(server, "listening");
  return {
    get link() {
      return link;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of links.clients) socket.terminate();
      server.close();
    },
  };
}
