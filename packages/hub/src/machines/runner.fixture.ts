/** The far side of a link for tests: a runner that answers each call as its script says. */
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import type { RunId, RunState } from "@paddock/contract";
import { type CallFrame, type HubFrame, hubFrame, protocolVersion, type RunnerFrame } from "@paddock/contract/link";
import { WebSocket } from "ws";
import type { About } from "./machine.ts";

export const about: About = {
  instructions: "Work carefully.",
  workspace: "/srv/app",
  roots: [{ path: "/srv/app", write: true }],
  profile: "workspace",
  sandbox: "bwrap",
  bridged: false,
  bridgedTools: [],
};

export interface ScriptedRunner {
  readonly heard: HubFrame[];
  send(frame: RunnerFrame): void;
  sendBytes(channel: number, bytes: Buffer): void;
  /** Sends a whole result for a call or query that was heard. */
  finish(
    to: { run: RunId; channel: number },
    result?: { state?: RunState; ok?: boolean; data?: unknown; content?: unknown[] },
  ): void;
  /** The first frame of that kind heard, waited for. */
  next<T extends HubFrame["type"]>(type: T, run?: RunId): Promise<Extract<HubFrame, { type: T }>>;
  close(): Promise<void>;
}

export type Script = (frame: CallFrame, runner: ScriptedRunner) => void;

/** Answers each call at once with its own input. */
export const echo: Script = (frame, runner) => runner.finish(frame, { data: frame.input });

/** Dials the hub's link socket and says hello; resolves when the hub has said welcome. */
export async function dial(
  path: string,
  { boot = "boot-1", script }: { boot?: string; script?: Script } = {},
): Promise<ScriptedRunner> {
  const socket = new WebSocket(`ws+unix:${path}:/link`, { perMessageDeflate: false });
  const runner = speak(socket, script);
  await once(socket, "open");
  runner.send({ type: "hello", version: protocolVersion, boot, machine: "test-machine", about });
  await runner.next("welcome");
  return runner;
}

const isAbout = (frame: HubFrame, run: RunId): boolean =>
  frame.type === "ack" ? frame.runs.includes(run) : "run" in frame && frame.run === run;

export function speak(socket: WebSocket, script: Script | undefined): ScriptedRunner {
  const heard: HubFrame[] = [];
  const runner: ScriptedRunner = {
    heard,
    send: (frame) => socket.send(JSON.stringify(frame)),
    sendBytes(channel, bytes) {
      const header = Buffer.alloc(4);
      header.writeUInt32BE(channel);
      socket.send(Buffer.concat([header, bytes]));
    },
    finish({ run, channel }, { state = "completed", ok = state === "completed", data = {}, content } = {}) {
      const envelope = Buffer.from(JSON.stringify({ ok, tool: "any", summary: state, data }));
      const more = content ? Buffer.from(JSON.stringify(content)) : Buffer.alloc(0);
      runner.send({ type: "result", run, channel, state, ok, sizes: [envelope.length, more.length] });
      runner.sendBytes(channel, Buffer.concat([envelope, more]));
    },
    async next(type, run) {
      for (;;) {
        const found = heard.find((frame) => frame.type === type && (run === undefined || isAbout(frame, run)));
        if (found) return found as never;
        await wait(2);
      }
    },
    async close() {
      if (socket.readyState === WebSocket.CLOSED) return;
      socket.terminate();
      await once(socket, "close");
    },
  };
  socket.on("message", (bytes) => {
    const frame = hubFrame.parse(JSON.parse(String(bytes)));
    heard.push(frame);
    if (frame.type === "call") script?.(frame, runner);
  });
  return runner;
}
