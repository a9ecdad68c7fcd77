/**
 * One connection to whoever sends calls: the hub, or a client attached to the runner's own socket. Frames in, gate, frames
 * out. Losing it ends no run; what it misses is told again over the next one.
 */
import type { Writable } from "node:stream";
import type { AuditSink, Exchange } from "@paddock/audit";
import type { RunId, RunState, ShownQuestion } from "@paddock/contract";
import {
  type CallFrame,
  type HubFrame,
  hubFrame,
  maxFrameBytes,
  protocolVersion,
  type RunnerFrame,
} from "@paddock/contract/link";
import { WebSocket } from "ws";
import type { Gate, Observer } from "../gate/gate.ts";
import type { Ended, Ledger, Via } from "../ledger/ledger.ts";
import type { HubInbox } from "./hub-inbox.ts";

export type About = Extract<RunnerFrame, { type: "hello" }>["about"];

export interface PeerParts {
  gate: Gate;
  ledger: Ledger;
  via: Via;
  boot: string;
  machine: string;
  about(): About;
  audit: AuditSink;
  /** Where the audit logs of both sides end; only a hub is told, and believed. */
  heads: Exchange;
  /** What the connection is made of, where that is known: frames that belong together then go out with one system call. */
  stream?: Pick<Writable, "cork" | "uncork">;
  /** Only the hub is told of questions and brings answers; whoever else is attached is a client. */
  inbox: HubInbox | null;
  /** Ends whatever a principal has left running on this machine. */
  endPrincipal(principal: string): void;
  log: { warn(fields: object, message: string): void };
}

export interface Peer {
  /** Tells the other side that `about` has changed. */
  announce(): void;
  readonly welcomed: Promise<void>;
}

export const socketOptions = { perMessageDeflate: false, maxPayload: maxFrameBytes } as const;

/** Results that are held for the hub at once when it is back. */
const resentAtOnce = 8;
/** A call that has not ended after so long is confirmed with a frame of its own; quicker ones by their result. */
const acceptDelayMs = 25;
const acknowledgeDelayMs = 50;
/** Above this size a result is sent in pieces of its own rather than copied behind its header. */
const copyBytes = 64 * 1024;

export function openPeer(socket: WebSocket, parts: PeerParts): Peer {
  const peer = new SocketPeer(socket, parts);
  return peer;
}

class SocketPeer implements Peer, Observer {
  readonly #socket: WebSocket;
  readonly #parts: PeerParts;
  readonly #channels = new Map<RunId, number>();
  readonly #unconfirmed = new Map<RunId, "accepted" | "running">();
  #acknowledged: RunId[] = [];
  #confirmTimer: NodeJS.Timeout | null = null;
  #acknowledgeTimer: NodeJS.Timeout | null = null;
  readonly welcomed: Promise<void>;
  #isWelcome = false;
  #onWelcome: () => void = () => {};
  #stopTelling: () => void = () => {};

  constructor(socket: WebSocket, parts: PeerParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.welcomed = new Promise((resolve) => {
      this.#onWelcome = resolve;
    });
    socket.on("message", (bytes, isBinary) => this.#receive(bytes as Buffer, isBinary));
    socket.on("close", () => {
      this.#stopTelling();
      this.#writeAcknowledged();
    });
    if (parts.via === "hub")
      socket.on(
        "close",
        parts.heads.onWord((word) => this.#send({ type: "head", ...word })),
      );
    const { boot, machine } = parts;
    this.#send({ type: "hello", version: protocolVersion, boot, machine, about: parts.about() });
  }

  get connected(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  announce(): void {
    this.#send({ type: "about", about: this.#parts.about() });
  }

  state(run: RunId, state: RunState, question?: ShownQuestion): void {
    if (this.#unconfirmed.has(run) && (state === "running" || state === "accepted")) {
      this.#unconfirmed.set(run, state);
      return;
    }
    this.#unconfirmed.delete(run);
    this.#send({ type: "state", run, state, ...(question ? { approval: question.id } : {}) });
  }

  result(run: RunId, state: RunState, result: Ended | null): void {
    const channel = this.#channels.get(run) ?? 0;
    this.#channels.delete(run);
    this.#unconfirmed.delete(run);
    const envelope = result?.envelope ?? null;
    const content = result?.content ?? null;
    const sizes: [number, number] = [envelope?.length ?? 0, content?.length ?? 0];
    const { stream } = this.#parts;
    stream?.cork();
    this.#send({ type: "result", run, channel, state, ok: result?.ok ?? false, sizes });
    if (envelope) this.#sendBytes(channel, envelope, content);
    stream?.uncork();
  }

  #receive(bytes: Buffer, isBinary: boolean): void {
    const frame = isBinary ? null : readFrame(bytes);
    if (!frame) {
      this.#parts.log.warn({ bytes: bytes.length }, "the other side sent a frame that is none; the link is closed");
      this.#socket.close(1002);
      return;
    }
    this.#act(frame);
  }

  #act(frame: HubFrame): void {
    if (frame.type === "welcome") this.#resend();
    else if (frame.type === "call") this.#take(frame);
    else if (frame.type === "query") this.#query(frame);
    else if (frame.type === "cancel") this.#parts.gate.cancel(frame.run);
    else if (frame.type === "answer") this.#answer(frame);
    else if (frame.type === "end") this.#parts.endPrincipal(frame.principal);
    else if (frame.type === "ack") this.#acknowledge(frame.runs);
    else if (this.#parts.via === "hub") this.#parts.heads.hear(frame);
  }

  #take(frame: CallFrame): void {
    this.#channels.set(frame.run, frame.channel);
    this.#confirmSoon(frame.run);
    this.#parts.gate.take(frame, this.#parts.via, this);
  }

  /** From a client it is no answer at all. */
  #answer(frame: Extract<HubFrame, { type: "answer" }>): void {
    const { inbox, log } = this.#parts;
    if (inbox) void inbox.take(frame, (reply) => this.#send(reply));
    else log.warn({ approval: frame.id }, "a client sent an answer to a question; it counts for nothing");
  }

  #query({ run, channel, principal }: Extract<HubFrame, { type: "query" }>): void {
    this.#channels.set(run, channel);
    this.#confirmSoon(run);
    if (this.#parts.gate.query(run, principal, this)) return;
    this.#channels.delete(run);
    this.#unconfirmed.delete(run);
    this.#send({ type: "no_run", run });
  }

  /** Results that the hub has not acknowledged go out again; it knows them by run id. */
  #resend(): void {
    if (this.#isWelcome) return;
    this.#isWelcome = true;
    this.#onWelcome();
    const { audit, via } = this.#parts;
    audit.write({ event: "link.opened", detail: { via } });
    this.#socket.once("close", () => audit.write({ event: "link.closed", detail: { via } }));
    if (this.#parts.via !== "hub") return;
    const greeting = this.#parts.heads.greeting();
    if (greeting) this.#send({ type: "head", ...greeting });
    this.#stopTelling();
    this.#stopTelling = this.#parts.inbox?.tell((frame) => this.#send(frame)) ?? this.#stopTelling;
    this.#resendResults().catch((err: unknown) => this.#parts.log.warn({ err }, "results could not be sent again"));
  }

  /** Some at once, the next when those are on their way: results can be large, and after a long absence many wait. */
  async #resendResults(): Promise<void> {
    let after: RunId | "" = "";
    while (this.connected) {
      const page = this.#parts.ledger.unacknowledged(after, resentAtOnce);
      for (const { run, state, result } of page) this.result(run, state, result);
      const last = page.at(-1);
      if (!last) return;
      after = last.run;
      await new Promise<void>((resolve) => this.#socket.ping(undefined, undefined, () => resolve()));
    }
  }

  #confirmSoon(run: RunId): void {
    this.#unconfirmed.set(run, "accepted");
    this.#confirmTimer ??= setTimeout(() => this.#confirm(), acceptDelayMs).unref();
  }

  #confirm(): void {
    this.#confirmTimer = null;
    for (const [run, state] of this.#unconfirmed) {
      this.#send(state === "running" ? { type: "state", run, state } : { type: "accepted", run });
    }
    this.#unconfirmed.clear();
  }

  #acknowledge(runs: readonly RunId[]): void {
    this.#acknowledged.push(...runs);
    this.#acknowledgeTimer ??= setTimeout(() => this.#writeAcknowledged(), acknowledgeDelayMs).unref();
  }

  #writeAcknowledged(): void {
    if (this.#acknowledgeTimer) clearTimeout(this.#acknowledgeTimer);
    this.#acknowledgeTimer = null;
    const runs = this.#acknowledged;
    this.#acknowledged = [];
    if (runs.length > 0) this.#parts.ledger.acknowledge(runs);
  }

  #send(frame: RunnerFrame): void {
    if (this.connected) this.#socket.send(JSON.stringify(frame));
  }

  #sendBytes(channel: number, envelope: Buffer, content: Buffer | null): void {
    if (!this.connected) return;
    const header = Buffer.allocUnsafe(4);
    header.writeUInt32BE(channel);
    const pieces = content ? [header, envelope, content] : [header, envelope];
    if (envelope.length + (content?.length ?? 0) <= copyBytes) {
      this.#socket.send(Buffer.concat(pieces), { binary: true });
      return;
    }
    const last = pieces.length - 1;
    for (const [index, piece] of pieces.entries()) this.#socket.send(piece, { binary: true, fin: index === last });
  }
}

function readFrame(bytes: Buffer): HubFrame | null {
  try {
    return hubFrame.safeParse(JSON.parse(bytes.toString("utf8"))).data ?? null;
  } catch {
    return null;
  }
}
