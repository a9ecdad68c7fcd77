/**
 * Carries a link over server-sent events and requests, for networks that break WebSockets: what the hub says comes in one long
 * answer, what this side says goes in requests, one after the other, so that it stays in order.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Duplex } from "node:stream";
import { PaddockError } from "@paddock/contract";
import { maxEventPostBytes, maxFrameBytes } from "@paddock/contract/link";
import { type Carrier, type CarrierEvents, sealBytes, withLength } from "@paddock/link/sealed";
import type { Reach } from "./reach.ts";

const { Agent, request: httpRequest } = process.getBuiltinModule("node:http");

/** One event holds one message, in base64. */
const maxLineBytes = Math.ceil((maxFrameBytes + sealBytes) / 3) * 4 + 16;
const openWithinMs = 15_000;
const postWithinMs = 60_000;

export async function openEventCarrier(link: URL, reach: Reach): Promise<Carrier> {
  const agent = agentOver(reach);
  const options: RequestOptions = { agent, host: link.hostname, headers: { host: link.host } };
  const path = `${link.pathname}/events`;
  const answer = await answerTo(httpRequest({ ...options, path }), openWithinMs);
  if (answer.statusCode !== 200) {
    answer.destroy();
    throw unreachable(link, `it answers ${answer.statusCode}`);
  }
  return new Promise((resolve, reject) => {
    const carrier = new EventCarrier(answer, agent, { ...options, method: "POST" }, path);
    carrier.opened(() => resolve(carrier));
    carrier.listen({ message() {}, closed: (reason) => reject(unreachable(link, reason)) });
  });
}

const unreachable = ({ host }: URL, why: string): PaddockError =>
  new PaddockError("hub_unreachable", `${host} takes no link over events: ${why}.`);

class EventCarrier implements Carrier {
  readonly #answer: IncomingMessage;
  readonly #post: RequestOptions;
  readonly #path: string;
  #events: CarrierEvents | null = null;
  #onOpened: () => void = () => {};
  #address = "";
  #posts = 0;
  #queue: Buffer[] = [];
  #queued = 0;
  #posting: Promise<void> | null = null;
  #isEnding = false;
  #reason = "the connection ended";

  constructor(answer: IncomingMessage, agent: InstanceType<typeof Agent>, post: RequestOptions, path: string) {
    this.#answer = answer;
    this.#post = post;
    this.#path = path;
    const lines = linesOf((line) => this.#line(line));
    answer.on("data", (bytes: Buffer) => lines(bytes) || this.cut("an event was too large"));
    answer.on("error", (fault) => {
      this.#reason = fault.message;
    });
    answer.on("close", () => {
      agent.destroy();
      this.#events?.closed(this.#reason);
    });
  }

  /** Called when the hub has said where to send to. */
  opened(then: () => void): void {
    this.#onOpened = then;
  }

  get isOpen(): boolean {
    return !this.#answer.destroyed && !this.#isEnding;
  }
  get waiting(): number {
    return this.#queued;
  }

  listen(events: CarrierEvents): void {
    this.#events = events;
  }

  send(pieces: readonly Buffer[]): void {
    const message = withLength(pieces);
    this.#queue.push(message);
    this.#queued += message.length;
    this.#posting ??= this.#postAll();
  }

  together(send: () => void): void {
    send();
  }

  async drained(): Promise<void> {
    await this.#posting;
  }

  close(): void {
    this.#isEnding = true;
    void this.drained().then(() => this.#answer.destroy());
  }

  cut(reason: string): void {
    this.#reason = reason;
    this.#answer.destroy();
  }

  #line(line: string): void {
    if (!line.startsWith("data: ")) return;
    const data = line.slice("data: ".length);
    if (this.#address !== "") this.#events?.message([Buffer.from(data, "base64")]);
    else {
      this.#address = `${this.#path}/${encodeURIComponent(data)}`;
      this.#onOpened();
    }
  }

  async #postAll(): Promise<void> {
    // What is said in the same turn goes in one request.
    await null;
    try {
      while (this.#queued > 0 && !this.#answer.destroyed) await this.#postSome();
    } catch (error) {
      this.cut(error instanceof Error ? error.message : "a request failed");
    }
    this.#posting = null;
  }

  async #postSome(): Promise<void> {
    const all = this.#queue.length === 1 && this.#queue[0] ? this.#queue[0] : Buffer.concat(this.#queue, this.#queued);
    const body = all.subarray(0, maxEventPostBytes);
    const rest = all.subarray(body.length);
    this.#queue = rest.length > 0 ? [rest] : [];
    this.#queued = rest.length;
    const request = httpRequest({ ...this.#post, path: `${this.#address}/${this.#posts}` });
    this.#posts += 1;
    request.setHeader("content-length", body.length);
    request.write(body);
    const answer = await answerTo(request, postWithinMs);
    answer.resume();
    if (answer.statusCode !== 204) throw new Error(`the hub answers ${answer.statusCode}`);
  }
}

function answerTo(request: ClientRequest, withinMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => request.destroy(new Error("no answer came in time")), withinMs);
    request.on("error", (fault) => {
      clearTimeout(timer);
      reject(fault instanceof PaddockError ? fault : new PaddockError("hub_unreachable", `${fault.message}.`));
    });
    request.on("response", (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    request.end();
  });
}

/** Lines of a stream of bytes; false for one that is too long. */
function linesOf(hear: (line: string) => void): (bytes: Buffer) => boolean {
  let pieces: Buffer[] = [];
  let length = 0;
  return (bytes) => {
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      hear(Buffer.concat([...pieces, bytes.subarray(from, end)]).toString("latin1"));
      pieces = [];
      length = 0;
      from = end + 1;
    }
    pieces.push(bytes.subarray(from));
    length += bytes.length - from;
    return length <= maxLineBytes;
  };
}

/** Connections that are made as the way to the hub wants it; the one of the long answer, and one that requests share. */
function agentOver(reach: Reach): InstanceType<typeof Agent> {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const open = (_options: unknown, done: (fault: Error | null, stream?: Duplex) => void): undefined => {
    reach.open().then(
      (socket) => done(null, socket),
      (fault: Error) => done(fault),
    );
  };
  return Object.assign(agent, { createConnection: open });
}
