/** A hub that says what a test wants, at the other end of a runner's own socket. */
import { once } from "node:events";
import { newId, type Principal, type RunId } from "@paddock/contract";
import { protocolVersion } from "@paddock/contract/link";
import { WebSocket } from "ws";
import type { Envelope } from "../world/callers.ts";
import { until } from "../world/until.ts";

/** Anything a runner says. */
// biome-ignore lint/suspicious/noExplicitAny: tests read any frame
type Frame = Record<string, any>;

export interface ScriptedHub extends AsyncDisposable {
  send(frame: object): void;
  next(is: (frame: Frame) => boolean): Promise<Frame>;
  /** Rejects when the link ends first. */
  call(
    tool: string,
    input: unknown,
    principal: Principal,
    more?: { workspace?: string; run?: RunId },
  ): Promise<{ state: string; envelope: Envelope }>;
  /** When the runner has ended the link. */
  readonly closed: Promise<unknown>;
}

const headerBytes = 4;
const deadlineMs = 60_000;

export async function openScriptedHub(path: string): Promise<ScriptedHub> {
  const socket = new WebSocket(`ws+unix:${path}:/link`, { perMessageDeflate: false });
  const frames: Frame[] = [];
  const bytes = new Map<number, Buffer>();
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) bytes.set(data.readUInt32BE(0), data.subarray(headerBytes));
    else frames.push(JSON.parse(String(data)));
  });
  const closed = once(socket, "close");
  await once(socket, "open");
  const send = (frame: object) => socket.send(JSON.stringify(frame));
  const next: ScriptedHub["next"] = (is) => {
    return until(() => {
      const found = frames.find(is);
      if (!found && socket.readyState !== WebSocket.OPEN) throw new Error("the runner ended the link");
      return found;
    });
  };
  let channel = 0;
  send({ type: "welcome", version: protocolVersion, hub: "scripted" });
  return {
    send,
    next,
    closed,
    async call(tool, input, principal, { workspace, run = newId("run") } = {}) {
      channel += 1;
      const mine = channel;
      const place = workspace === undefined ? {} : { workspace };
      send({ type: "call", run, channel: mine, tool, input, principal, deadline: Date.now() + deadlineMs, ...place });
      const { state, sizes } = await next((frame) => frame.type === "result" && frame.run === run);
      const envelope = await until(() => bytes.get(mine));
      return { state, envelope: JSON.parse(envelope.subarray(0, sizes[0]).toString()) as Envelope };
    },
    async [Symbol.asyncDispose]() {
      socket.terminate();
      await closed;
    },
  };
}
