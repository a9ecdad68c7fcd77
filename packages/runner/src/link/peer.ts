/**
 * One connection to whoever sends calls: the hub, or a client attached to the runner's own socket. Frames in, gate, frames
 * out. Losing it ends no run; what it misses is told again over the next one.
 */
import type { Duplex } from "node:stream";
import type { AuditSink, Exchange } from "@paddock/audit";
import type { RunId, RunState, ShownQuestion } from "@paddock/contract";
import {
  type Bye,
  type CallFrame,
  type HubFrame,
  maxFrameBytes,
  protocolVersion,
  type RunnerFrame,
  type StreamFrame,
} from "@paddock/contract/link";
import { headerOf, openStreams, type Streams, type Wire } from "@paddock/link";
import type { Observer } from "../gate/active.ts";
import type { Gate } from "../gate/gate.ts";
import type { Ended, Ledger, Via } from "../ledger/ledger.ts";
import type { HubInbox } from "./hub-inbox.ts";
import type { OwnKey } from "./own-key.ts";
import { readFrame } from "./read-frame.ts";

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
  /** Only the hub is told of questions and brings answers; whoever else is attached is a client. */
  inbox: HubInbox | null;
  /** Ends whatever a principal has left running on this machine. */
  endPrincipal(principal: string): void;
  /** The machine's key, where the hub knows it by one. */
  ownKey: OwnKey | null;
  /** The other side says why it ends the link, or refuses it. */
  onBye(bye: Bye): void;
  onClosed(): void;
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
const headerBytes = 4;
/** A hub asks for a sign of life three times as often. */
const silentForMs = 45_000;

export const openPeer = (wire: Wire, parts: PeerParts): Peer => new WirePeer(wire, parts);

class WirePeer implements Peer, Observer {
  readonly #wire: Wire;
  readonly #streams: Streams;
  readonly #parts: PeerParts;
  readonly #channels = new Map<RunId, number>();
  readonly #streamsOfRuns = new Map<RunId, Duplex>();
  readonly #unconfirmed = new Map<RunId, "accepted" | "running">();
  #acknowledged: RunId[] = [];
  #confirmTimer: NodeJS.Timeout | null = null;
  #acknowledgeTimer: NodeJS.Timeout | null = null;
  readonly welcomed: Promise<void>;
  #isWelcome = false;
  #onWelcome: () => void = () => {};
  #stopTelling: () => void = () => {};
  /** How far the hub's clock is ahead of this one. */
  #clockAheadMs = 0;

  constructor(wire: Wire, parts: PeerParts) {
    this.#wire = wire;
    this.#streams = openStreams(wire);
    this.#parts = parts;
    this.welcomed = new Promise((resolve) => {
      this.#onWelcome = resolve;
    });
    const isHub = parts.via === "hub";
    const silence = isHub ? cutWhenSilent(wire) : null;
    const stopHeads = isHub ? parts.heads.onWord((word) => this.#send({ type: "head", ...word })) : null;
    wire.listen({
      text: (text) => this.#receive(text),
      bytes: (pieces) => this.#receiveBytes(pieces),
      alive: () => silence?.refresh(),
      closed: () => {
        if (silence) clearTimeout(silence);
        stopHeads?.();
        this.#closed();
      },
    });
    const { boot, machine } = parts;
    this.#send({ type: "hello", version: protocolVersion, boot, machine, about: parts.about() });
  }

  get connected(): boolean {
    return this.#wire.isOpen;
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

  held(run: RunId): void {
    this.#unconfirmed.delete(run);
    this.#send({ type: "held", run });
  }

  result(run: RunId, state: RunState, result: Ended | null): void {
    const channel = this.#channels.get(run) ?? 0;
    this.#channels.delete(run);
    this.#unconfirmed.delete(run);
    this.#streamsOfRuns.get(run)?.destroy();
    this.#streamsOfRuns.delete(run);
    const envelope = result?.envelope ?? null;
    const content = result?.content ?? null;
    const sizes: [number, number] = [envelope?.length ?? 0, content?.length ?? 0];
    this.#wire.together(() => {
      this.#send({ type: "result", run, channel, state, ok: result?.ok ?? false, sizes });
      if (envelope) this.#sendBytes(channel, envelope, content);
    });
  }

  #closed(): void {
    this.#streams.close();
    this.#stopTelling();
    this.#writeAcknowledged();
    if (this.#isWelcome) this.#parts.audit.write({ event: "link.closed", detail: { via: this.#parts.via } });
    this.#parts.onClosed();
  }

  #receive(text: string): void {
    const frame = readFrame(text);
    if (frame) this.#act(frame);
    else this.#refuse(`${text.length} characters`);
  }

  #receiveBytes([first = Buffer.alloc(0), ...more]: readonly Buffer[]): void {
    const hasChannel = first.length >= headerBytes;
    const pieces = [first.subarray(headerBytes), ...more].filter(({ length }) => length > 0);
    const fault = hasChannel ? this.#streams.bytes(first.readUInt32BE(0), pieces) : null;
    if (fault !== "") this.#refuse(fault ?? "bytes of no stream");
  }

  #refuse(what: string): void {
    this.#parts.log.warn({ what }, "the other side sent a frame that is none; the link is closed");
    this.#wire.cut("the other side broke the protocol");
  }

  #act(frame: HubFrame): void {
    if (frame.type === "welcome") this.#welcome(frame.now);
    else if (frame.type === "bye") this.#parts.onBye(frame);
    else if (frame.type === "rotate_key") this.#offerKey();
    else if (frame.type === "key_taken") this.#parts.ownKey?.changed(frame.key);
    else if (isAboutStream(frame)) this.#hearOfStream(frame);
    else if (frame.type === "call") this.#take(frame);
    else if (frame.type === "query") this.#query(frame);
    else if ("run" in frame) this.#parts.gate[frame.type](frame.run);
    else if (frame.type === "answer") this.#answer(frame);
    else if (frame.type === "end") this.#parts.endPrincipal(frame.principal);
    else if (frame.type === "ack") this.#acknowledge(frame.runs);
    else if (this.#parts.via === "hub") this.#parts.heads.hear(frame);
  }

  #offerKey(): void {
    const { ownKey } = this.#parts;
    if (ownKey) this.#send({ type: "new_key", ...ownKey.offer() });
  }

  #hearOfStream(frame: StreamFrame): void {
    const fault = this.#streams.frame(frame);
    if (fault) this.#refuse(fault);
  }

  #take(frame: CallFrame): void {
    this.#channels.set(frame.run, frame.channel);
    this.#confirmSoon(frame.run);
    // The hub means its own clock.
    const deadline = frame.deadline - this.#clockAheadMs;
    const { stream: channel, ...call } = frame;
    const stream = channel === undefined ? null : this.#streams.open(channel);
    if (stream) this.#streamsOfRuns.set(frame.run, stream);
    this.#parts.gate.take({ ...call, deadline, ...(stream ? { stream } : {}) }, this.#parts.via, this);
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
  #welcome(hubNow = Date.now()): void {
    if (this.#isWelcome) return;
    this.#isWelcome = true;
    this.#clockAheadMs = hubNow - Date.now();
    this.#onWelcome();
    const { audit, via } = this.#parts;
    audit.write({ event: "link.opened", detail: { via } });
    if (via !== "hub") return;
    const greeting = this.#parts.heads.greeting();
    if (greeting) this.#send({ type: "head", ...greeting });
    this.#stopTelling();
    this.#stopTelling = this.#parts.inbox?.tell((frame) => this.#send(frame)) ?? this.#stopTelling;
    this.#resendResults().catch((err: unknown) => this.#parts.log.warn({ err }, "results could not be sent again"));
  }

  /** Some at once, the next when those are on their way: results can be large, and after a long absence many wait. */
  async #resendResults(): Promise<void> {
    let after: RunId | "" = "";
    while (this.#wire.isOpen) {
      const page = this.#parts.ledger.unacknowledged(after, resentAtOnce);
      for (const { run, state, result } of page) this.result(run, state, result);
      const last = page.at(-1);
      if (!last) return;
      after = last.run;
      await this.#wire.drained();
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
    if (this.#wire.isOpen) this.#wire.text(JSON.stringify(frame));
  }

  #sendBytes(channel: number, envelope: Buffer, content: Buffer | null): void {
    const header = headerOf(channel);
    this.#wire.bytes(content ? [header, envelope, content] : [header, envelope]);
  }
}

/** Nothing was heard for too long: the hub is gone, whatever the network says. */
const cutWhenSilent = (wire: Wire): NodeJS.Timeout =>
  setTimeout(() => wire.cut("the hub fell silent"), silentForMs).unref();

const isAboutStream = (frame: HubFrame): frame is StreamFrame => frame.type.startsWith("stream_");
