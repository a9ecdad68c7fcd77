/** The far side of a link for tests: a hub of somebody else's, to which a runner dials, and which says what a test wants. */
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { protocolVersion, type RunnerFrame } from "@paddock/contract/link";
import { type WebSocket, WebSocketServer } from "ws";

type FrameOf<T extends RunnerFrame["type"]> = Extract<RunnerFrame, { type: T }>;

export interface DialledHub extends AsyncDisposable {
  send(frame: object): void;
  /** The first frame of that kind that is heard and fits, waited for. */
  next<T extends RunnerFrame["type"]>(type: T, fits?: (frame: FrameOf<T>) => boolean): Promise<FrameOf<T>>;
}

/** Listens on the socket, calls back so that a runner can be started, and resolves when that has dialled. */
export async function openDialledHub(path: string, listening: () => void): Promise<DialledHub> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, path: "/link", perMessageDeflate: false });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const dialled = new Promise<WebSocket>((resolve) => sockets.once("connection", resolve));
  listening();
  const socket = await dialled;
  const frames: RunnerFrame[] = [];
  socket.on("message", (data, isBinary) => void (isBinary || frames.push(JSON.parse(String(data)))));
  const send = (frame: object) => socket.send(JSON.stringify(frame));
  send({ type: "welcome", version: protocolVersion, hub: "liar" });
  return {
    send,
    async next<T extends RunnerFrame["type"]>(type: T, fits: (frame: FrameOf<T>) => boolean = () => true) {
      for (;;) {
        const found = frames.find((frame): frame is FrameOf<T> => frame.type === type && fits(frame as FrameOf<T>));
        if (found) return found;
        await wait(5);
      }
    },
    async [Symbol.asyncDispose]() {
      socket.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
