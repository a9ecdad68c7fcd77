/**
 * One connection to a runner, whichever side dialled it: frames in, events out, words sent at once. It ends by itself when
 * the runner breaks the protocol or falls silent.
 */
import { type ApprovalId, type HeadWord, isTerminal, type RunId, type RunState } from "@paddock/contract";
import {
  type Bye,
  type HubFrame,
  maxFrameBytes,
  protocolVersion,
  type RunnerFrame,
  runnerFrame,
} from "@paddock/contract/link";
import { openStreams, type Streams, type Wire } from "@paddock/link";
import type { QuestionFrame } from "../approvals/inbox.ts";
import { type IncomingResults, openIncomingResults } from "./incoming-results.ts";
import type { About, OutgoingCall, RunnerWords, RunResult } from "./machine.ts";

const helloWithinMs = 5_000;
const heartbeatMs = 15_000;
const silentForMs = 45_000;
const headerBytes = 4;
/** Words that wait for a runner that does not read; beyond this the link is worth nothing. */
const maxBufferedBytes = 8 * maxFrameBytes;

export interface LinkEvents {
  accepted(run: RunId): void;
  state(run: RunId, state: RunState, approval?: ApprovalId): void;
  result(run: RunId, result: RunResult): void;
  held(run: RunId): void;
  noRun(run: RunId): void;
  question(frame: QuestionFrame): void;
  /** The runner has said who it is; from now on the link can be used. */
  hello(name: string, boot: string, about: About): void;
  about(about: About): void;
  head(word: HeadWord): void;
  /** The machine has made another key. */
  newKey(key: string, signature: string): void;
  /** Comes once, also for a link that never said hello. */
  closed(reason: string): void;
}

export interface RunnerLink extends RunnerWords {
  head(word: HeadWord | null): void;
  rotateKey(): boolean;
  keyTaken(key: string): void;
  /** Ends it; with a word to the runner that says why. */
  close(bye?: Omit<Bye, "type">): void;
}

export function linkToRunner(wire: Wire, hub: string, events: LinkEvents): RunnerLink {
  const results = openIncomingResults(events.result);
  const streams = openStreams(wire);
  let channel = 0;
  let greeted = false;
  const send = (text: string): boolean => {
    if (!wire.isOpen) return false;
    if (wire.waiting > maxBufferedBytes) wire.cut("the runner does not read");
    wire.text(text);
    return true;
  };
  const say = (frame: HubFrame): boolean => send(JSON.stringify(frame));
  const sayBye = (bye: Omit<Bye, "type">): void => {
    say({ type: "bye", ...bye });
    wire.close();
  };
  const nextChannel = (): number => {
    channel = channel === 0xffffffff ? 1 : channel + 1;
    return channel;
  };
  const watch = watchWire(wire, () => greeted);
  const check = (fault: string | null): void => {
    if (fault) wire.cut(fault);
  };

  wire.listen({
    text: (text) => check(hear(text)),
    bytes: (pieces) => check(hearBytes(pieces, results, streams)),
    alive: watch.alive,
    closed(reason) {
      watch.stop();
      streams.close();
      events.closed(reason);
    },
  });

  function hear(text: string): string | null {
    const frame = readFrame(text);
    if (!frame) return "the runner sent a frame that is not one";
    if (frame.type === "hello") return greet(frame);
    return greeted ? dispatch(frame, events, results, streams) : "the runner spoke before its hello";
  }

  function greet(frame: Extract<RunnerFrame, { type: "hello" }>): string | null {
    if (greeted) return "the runner said hello twice";
    if (frame.version !== protocolVersion) {
      const message = `The runner speaks version ${frame.version} of the link, this hub ${protocolVersion}.`;
      sayBye({ code: "version_mismatch", message });
      return null;
    }
    greeted = true;
    say({ type: "welcome", version: protocolVersion, hub, now: Date.now() });
    events.hello(frame.machine, frame.boot, frame.about);
    return null;
  }

  return {
    call({ onStream, ...call }) {
      if (!onStream || !wire.isOpen) return send(callText(call, nextChannel()));
      const channelOfStream = nextChannel();
      const stream = streams.open(channelOfStream);
      if (stream) onStream(stream);
      return send(callText(call, nextChannel(), stream ? channelOfStream : undefined));
    },
    cancel: (run) => say({ type: "cancel", run }),
    go: (run) => say({ type: "go", run }),
    acknowledge: (runs) => say({ type: "ack", runs: [...runs] }),
    query: (run, principal) => say({ type: "query", run, channel: nextChannel(), principal }),
    endPrincipal: (principal) => say({ type: "end", principal }),
    head: (word) => word !== null && say({ type: "head", ...word }),
    rotateKey: () => say({ type: "rotate_key" }),
    keyTaken: (key) => void say({ type: "key_taken", key }),
    answer: (frame) => say({ type: "answer", ...frame }),
    close: (bye) => (bye ? sayBye(bye) : wire.cut("the hub closed the link")),
  };
}

/** What is wrong with the frame, or null. */
function dispatch(
  frame: Exclude<RunnerFrame, { type: "hello" }>,
  events: LinkEvents,
  results: IncomingResults,
  streams: Streams,
): string | null {
  switch (frame.type) {
    case "accepted":
      events.accepted(frame.run);
      return null;
    case "state":
      events.state(frame.run, frame.state, frame.approval);
      return null;
    case "held":
      events.held(frame.run);
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
    case "new_key":
      events.newKey(frame.key, frame.signature);
      return null;
    case "stream_credit":
    case "stream_end":
    case "stream_reset":
      return streams.frame(frame);
    case "head":
      events.head(frame);
      return null;
  }
}

/** What is wrong with the bytes, or null: they belong to a stream or to a result. */
function hearBytes(pieces: readonly Buffer[], results: IncomingResults, streams: Streams): string | null {
  const [first, ...more] = pieces;
  if (first === undefined || first.length < headerBytes) return "the runner sent a binary frame without a channel";
  const channel = first.readUInt32BE(0);
  const content = [first.subarray(headerBytes), ...more].filter(({ length }) => length > 0);
  const fault = streams.bytes(channel, content);
  return fault === null ? results.bytes(channel, content) : fault || null;
}

function readFrame(text: string): RunnerFrame | null {
  try {
    return runnerFrame.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** The input is JSON already and can be large, so that it is put in as it stands. */
function callText({ inputJson, ...call }: Omit<OutgoingCall, "onStream">, channel: number, stream?: number): string {
  const head = JSON.stringify({ type: "call", channel, ...(stream ? { stream } : {}), ...call });
  return `${head.slice(0, -1)},"input":${inputJson}}`;
}

/** Ends a link whose runner says no hello or falls silent. */
function watchWire(wire: Wire, greeted: () => boolean): { alive(): void; stop(): void } {
  let heardAt = performance.now();
  const hello = setTimeout(() => greeted() || wire.cut("the runner said no hello"), helloWithinMs).unref();
  const heartbeat = setInterval(() => {
    if (performance.now() - heardAt > silentForMs) wire.cut("the runner fell silent");
    else wire.ping();
  }, heartbeatMs).unref();
  return {
    alive() {
      heardAt = performance.now();
    },
    stop() {
      clearTimeout(hello);
      clearInterval(heartbeat);
    },
  };
}
