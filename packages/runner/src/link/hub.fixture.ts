/** The far side of a link for tests: a hub that says what a test wants, at a runner's own socket. */
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { type Failure, newId, type Principal, type RunId, type Success } from "@paddock/contract";
import { protocolVersion, type RunnerFrame } from "@paddock/contract/link";
import { WebSocket } from "ws";

type FrameOf<T extends RunnerFrame["type"]> = Extract<RunnerFrame, { type: T }>;

export interface ScriptedHub extends AsyncDisposable {
  /** Whatever a test wants to say, frames that are none included. */
  send(frame: object): void;
  /** The first frame of that kind that is heard and fits, waited for. Rejects when the link ends first. */
  next<T extends RunnerFrame["type"]>(type: T, fits?: (frame: FrameOf<T>) => boolean): Promise<FrameOf<T>>;
  /** Makes a call and waits for its result. */
  call(tool: string, input: unknown, principal: Principal, more?: CallOptions): Promise<Heard>;
  /** When the runner has ended the link. */
  readonly closed: Promise<unknown>;
}

interface CallOptions {
  workspace?: string;
  run?: RunId;
}

interface Heard {
  state: string;
  /** Code of the failure. */
  code: string | null;
}

const headerBytes = 4;
const deadlineMs = 60_000;

/** Dials the runner's socket as a hub would be dialled, and says welcome. */
export async function openScriptedHub(path: string): Promise<ScriptedHub> {
  const socket = new WebSocket(`ws+unix:${path}:/link`, { perMessageDeflate: false });
  const frames: RunnerFrame[] = [];
  const results = new Map<number, Buffer>();
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) results.set(data.readUInt32BE(0), data.subarray(headerBytes));
    else frames.push(JSON.parse(String(data)));
  });
  const closed = once(socket, "close");
  await once(socket, "open");
  const send = (frame: object) => socket.send(JSON.stringify(frame));
  const found = async <F>(look: () => F | undefined): Promise<F> => {
    for (;;) {
      const value = look();
      if (value !== undefined) return value;
      if (socket.readyState !== WebSocket.OPEN) throw new Error("the runner ended the link");
      await wait(2);
    }
  };
  const next: ScriptedHub["next"] = <T extends RunnerFrame["type"]>(type: T, fits = (_: FrameOf<T>) => true) =>
    found(() => frames.find((frame): frame is FrameOf<T> => frame.type === type && fits(frame as FrameOf<T>)));
  let channel = 0;
  send({ type: "welcome", version: protocolVersion, hub: "scripted" });
  return {
    send,
    next,
    closed,
    async call(tool, input, principal, { run = newId("run"), ...place } = {}) {
      channel += 1;
      const mine = channel;
      send({ type: "call", run, channel: mine, tool, input, principal, deadline: Date.now() + deadlineMs, ...place });
      const { state, sizes } = await next("result", (frame) => frame.run === run);
      const bytes = (await found(() => results.get(mine))).subarray(0, sizes[0]);
      const answer = JSON.parse(bytes.toString()) as Success | Failure;
      return { state, code: answer.ok ? null : answer.data.code };
    },
    async [Symbol.asyncDispose]() {
      socket.terminate();
      await closed;
    },
  };
}
