/**
 * One connection to a runner, whichever side dialled it: frames in, events out, words sent at once. It ends by itself when
 * the runner breaks the protocol or falls silent.
 */
import { type HeadWord, isTerminal } from "@paddock/contract";
import { type HubFrame, maxFrameBytes, protocolVersion, type RunnerFrame, runnerFrame } from "@paddock/contract/link";
import type { RawData, WebSocket } from "ws";
import type { QuestionFrame } from "../approvals/inbox.ts";
import { type IncomingResults, openIncomingResults } from "./incoming-results.ts";
import type { About, OutgoingCall, RunEvents, RunnerWire } from "./machine.ts";

const helloWithinMs = 5_000;
const heartbeatMs = 15_000;
const silentForMs = 45_000;
/** Words that wait for a runner that does not read; beyond this the link is worth nothing. */
const maxBufferedBytes = 8 * maxFrameBytes;

export interface LinkEvents extends Omit<RunEvents, "connected"> {
  question(frame: QuestionFrame): void;
  /** The runner has said who it is; from now on the link can be used. */
  hello(name: string, boot: string, about: About): void;
  about(about: About): void;
  head(word: HeadWord): void;
  /** Comes once, also for a link that never said hello. */
  closed(reason: string): void;
}

export interface RunnerLink extends RunnerWire {
  head(word: HeadWord | null): void;
  close(): void;
}

export function linkToRunner(socket: WebSocket, hub: string, events: LinkEvents): RunnerLink {
  const results = openIncomingResults(events.result);
  let channel = 0;
  let greeted = false;
  let reason = "the runner closed the link";
  const send = (text: string): boolean => {
    if (socket.readyState !== socket.OPEN) return false;
    if (socket.bufferedAmount > maxBufferedBytes) end("the runner does not read");
    socket.send(text);
    return true;
  };
  const end = (why: string): void => {
    reason = why;
    socket.terminate();
  };
  const say = (frame: HubFrame): boolean => send(JSON.stringify(frame));
  const nextChannel = (): number => {
    channel = channel === 0xffffffff ? 1 : channel + 1;
    return channel;
  };
  const stopWatching = watch(socket, () => greeted, end);

  // A large result comes behind its channel as a piece of its own, and is passed on without being copied together.
  socket.binaryType = "fragments";
  socket.on("message", (data, isBinary) => {
    const fault = isBinary ? results.bytes(piecesOf(data)) : hear(data.toString());
    if (fault) end(fault);
  });
  socket.on("error", (error) => {
    reason = error.message;
  });
  socket.on("close", () => {
    stopWatching();
    events.closed(reason);
  });

  function hear(text: string): string | null {
    const frame = readFrame(text);
    if (!frame) return "the runner sent a frame that is not one";
    if (frame.type === "hello") return greet(frame);
    return greeted ? dispatch(frame, events, results) : "the runner spoke before its hello";
  }

  function greet(frame: Extract<RunnerFrame, { type: "hello" }>): string | null {
    if (greeted) return "the runner said hello twice";
    if (frame.version !== protocolVersion)
      return `the runner speaks version ${frame.version} of the link, this hub ${protocolVersion}`;
    greeted = true;
    say({ type: "welcome", version: protocolVersion, hub });
    events.hello(frame.machine, frame.boot, frame.about);
    return null;
  }

  return {
    call: (call) => send(callText(call, nextChannel())),
    cancel: (run) => say({ type: "cancel", run }),
    acknowledge: (runs) => say({ type: "ack", runs: [...runs] }),
    query: (run, principal) => say({ type: "query", run, channel: nextChannel(), principal }),
    endPrincipal: (principal) => say({ type: "end", principal }),
    head: (word) => word !== null && say({ type: "head", ...word }),
    answer: (frame) => say({ type: "answer", ...frame }),
    close: () => end("the hub closed the link"),
  };
}

/** What is wrong with the frame, or null. */
function dispatch(
  frame: Exclude<RunnerFrame, { type: "hello" }>,
  events: LinkEvents,
  results: IncomingResults,
): string | null {
  switch (frame.type) {
    case "accepted":
      events.accepted(frame.run);
      return null;
    case "state":
      events.state(frame.run, frame.state, frame.approval);
      return null;
    case "no_run":
      events.noRun(frame.run);
      return null;
    case "result":
      return isTerminal(frame.state) ? results.begin(frame) : "the runner sent a result that is not final";
    case "question":
    case "question_over":
    case "answer_taken":
    case "answer_refused":
      events.question(frame);
      return null;
    case "about":
      events.about(frame.about);
      return null;
    case "head":
      events.head(frame);
      return null;
  }
}

function readFrame(text: string): RunnerFrame | null {
  try {
    return runnerFrame.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** The input is JSON already and can be large, so that it is put in as it stands. */
function callText({ inputJson, ...call }: OutgoingCall, channel: number): string {
  const head = JSON.stringify({ type: "call", channel, ...call });
  return `${head.slice(0, -1)},"input":${inputJson}}`;
}

const piecesOf = (data: RawData): readonly Buffer[] =>
  Array.isArray(data) ? data : [Buffer.from(data as ArrayBuffer)];

/** Ends a link whose runner says no hello or falls silent; returns how to stop watching. */
function watch(socket: WebSocket, greeted: () => boolean, end: (why: string) => void): () => void {
  let heardAt = Date.now();
  const heard = (): void => {
    heardAt = Date.now();
  };
  socket.on("pong", heard);
  socket.on("message", heard);
  const hello = setTimeout(() => greeted() || end("the runner said no hello"), helloWithinMs).unref();
  const heartbeat = setInterval(() => {
    if (Date.now() - heardAt > silentForMs) end("the runner fell silent");
    else if (socket.readyState === socket.OPEN) socket.ping();
  }, heartbeatMs).unref();
  return () => {
    clearTimeout(hello);
    clearInterval(heartbeat);
  };
}
