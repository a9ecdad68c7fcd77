/**
 * Streams beside the calls of a link: bytes both ways on a channel of their own, as Node's duplex streams. Each side sends no more
 * than the other has room for, so that a slow reader slows its own channel only, and nothing piles up in between.
 */
import { Duplex } from "node:stream";
import { maxStreamPieceBytes, type StreamFrame, streamWindowBytes } from "@paddock/contract/link";
import { giveBack } from "./give-back.ts";
import { copyBytes, type Wire } from "./wire.ts";

export interface Streams {
  /**
   * A new stream on that channel; null when there are too many, or one has that channel already. What is written to it is its
   * own from then on: large buffers are empty when they are sent.
   */
  open(channel: number): Duplex | null;
  /** Takes a frame that is about a stream. Returns what is wrong with it, or null. */
  frame(frame: StreamFrame): string | null;
  /** Takes the bytes of a channel, without its number. Null for a channel that is no stream's, else what is wrong or "". */
  bytes(channel: number, pieces: readonly Buffer[]): string | null;
  /** The link is over: every stream breaks. */
  close(): void;
}

const maxStreams = 256;
/** Room is told of when so much of it has come together. */
const creditStepBytes = streamWindowBytes / 4;

interface Channel {
  send(piece: Buffer, taken?: () => void): void;
  say(type: "stream_credit", bytes: number): void;
  say(type: "stream_end" | "stream_reset"): void;
  /** Both sides have said their last. */
  over(): void;
}

export function openStreams(wire: Wire): Streams {
  const streams = new Map<number, LinkStream>();
  const channelOf = (channel: number): Channel => ({
    send: (piece, taken) => wire.bytes([headerOf(channel), piece], taken),
    say: (type, bytes?: number) => wire.text(JSON.stringify({ type, channel, ...(bytes ? { bytes } : {}) })),
    over: () => streams.delete(channel),
  });
  return {
    open(channel) {
      if (streams.size >= maxStreams || streams.has(channel)) return null;
      const stream = new LinkStream(channelOf(channel));
      streams.set(channel, stream);
      return stream;
    },
    frame(frame) {
      const stream = streams.get(frame.channel);
      // One that is over here too: the two last words have crossed.
      if (!stream) return null;
      if (frame.type === "stream_credit") return stream.credit(frame.bytes);
      if (frame.type === "stream_end") stream.endedThere();
      else stream.resetThere();
      return null;
    },
    bytes(channel, pieces) {
      const stream = streams.get(channel);
      return stream ? (stream.arrived(pieces) ?? "") : null;
    },
    close() {
      for (const stream of streams.values()) stream.lost();
    },
  };
}

class LinkStream extends Duplex {
  readonly #channel: Channel;
  /** What the other side has room for. */
  #credit = streamWindowBytes;
  #waiting: { bytes: Buffer; rest: Buffer; done: () => void } | null = null;
  /** What this side has been sent, and has said that there is room for again. */
  #received = 0;
  #returned = 0;
  /** Lengths of what waits to be read, piece by piece: together they would be copied, which is right for small ones only. */
  readonly #unread: number[] = [];
  #isOverHere = false;
  #isOverThere = false;

  constructor(channel: Channel) {
    super({ readableHighWaterMark: streamWindowBytes, allowHalfOpen: true });
    this.#channel = channel;
    // Whoever reads or writes is told; who does neither any more need not be.
    this.on("error", () => {});
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#waiting = { bytes, rest: bytes, done };
    this.#send();
  }

  override _final(done: () => void): void {
    this.#overHere("stream_end");
    done();
  }

  override _read(): void {
    this.#giveRoom();
  }

  override read(size?: number): Buffer | null {
    const bytes: Buffer | null = super.read(size ?? this.#unread[0]);
    this.#wasRead(bytes?.length ?? 0);
    this.#giveRoom();
    return bytes;
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#waiting = null;
    this.#overHere("stream_reset");
    done(error);
  }

  credit(bytes: number): string | null {
    this.#credit += bytes;
    if (this.#credit > streamWindowBytes) return "it was given more room for a stream than there is";
    this.#send();
    return null;
  }

  arrived(pieces: readonly Buffer[]): string | null {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#received += length;
    if (this.#isOverThere) return "a stream went on after its end";
    if (this.#received - this.#returned > streamWindowBytes) return "more came on a stream than there was room for";
    if (this.destroyed) return null;
    for (const piece of pieces) this.#take(piece);
    this.#giveRoom();
    return null;
  }

  endedThere(): void {
    this.push(null);
    this.#overThere();
  }

  resetThere(): void {
    this.destroy(new Error("the other side broke the stream off"));
    this.#overThere();
  }

  lost(): void {
    this.#isOverHere = true;
    this.#isOverThere = true;
    this.destroy(new Error("the link was lost"));
  }

  #send(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    while (waiting.rest.length > 0 && this.#credit > 0) {
      const piece = waiting.rest.subarray(0, Math.min(this.#credit, maxStreamPieceBytes));
      this.#credit -= piece.length;
      waiting.rest = waiting.rest.subarray(piece.length);
      if (waiting.rest.length > 0) this.#channel.send(piece);
      else this.#channel.send(piece, () => giveBack(waiting.bytes));
    }
    if (waiting.rest.length > 0) return;
    this.#waiting = null;
    waiting.done();
  }

  #take(piece: Buffer): void {
    const before = this.readableLength;
    this.push(piece);
    // Otherwise somebody has had it at once.
    if (this.readableLength === before) return;
    const last = this.#unread.at(-1) ?? copyBytes;
    if (last + piece.length > copyBytes) this.#unread.push(piece.length);
    else this.#unread[this.#unread.length - 1] = last + piece.length;
  }

  #wasRead(bytes: number): void {
    for (let left = bytes; left > 0; ) {
      const first = this.#unread.shift() ?? left;
      if (first > left) this.#unread.unshift(first - left);
      left -= first;
    }
  }

  /** Says that there is room again for what was read. */
  #giveRoom(): void {
    const room = this.#received - this.readableLength - this.#returned;
    if (room < creditStepBytes || this.#isOverThere || this.destroyed) return;
    this.#returned += room;
    this.#channel.say("stream_credit", room);
  }

  #overHere(word: "stream_end" | "stream_reset"): void {
    if (this.#isOverHere) return;
    this.#isOverHere = true;
    this.#channel.say(word);
    this.#end();
  }

  #overThere(): void {
    this.#isOverThere = true;
    this.#end();
  }

  #end(): void {
    if (this.#isOverHere && this.#isOverThere) this.#channel.over();
  }
}

export function headerOf(channel: number): Buffer {
  const header = Buffer.allocUnsafe(4);
  header.writeUInt32BE(channel);
  return header;
}
