/**
 * The way out of one cage. Whatever comes in here comes from that cage, so nobody has to say who they are. CONNECT and plain
 * HTTP in absolute form, nothing else; each connection carries one request.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { OnReadOpts, Socket } from "node:net";
import { errors, PaddockError } from "@paddock/contract";
import { dial } from "./dial.ts";
import type { Way } from "./host-rules.ts";
import { Relay } from "./relay.ts";
import { type Target, targetOf } from "./target.ts";
import type { Basis, TrafficLog } from "./traffic-log.ts";
import { runTunnel } from "./tunnel.ts";

/** Not imported by name: that would also load the WebSocket client of `node:http`, 30 ms and 13 MB. */
const { createServer } = process.getBuiltinModule("node:http");

/** What was allowed: the addresses to take, all of them checked. */
export interface Admission {
  addresses: readonly string[];
  basis: Basis;
}

export interface DoorLimits {
  /** At once. */
  connections: number;
  /** Without a byte in either direction. */
  idleMs: number;
  connectMs: number;
}

/** What one request from the cage is about. */
export interface Errand {
  target: Target;
  way: Way;
  /** Host or repository, as people read it. */
  what: string;
  /** Throws a PaddockError for what may not be reached. */
  admit(signal: AbortSignal): Promise<Admission>;
}

export interface HttpErrand extends Errand {
  /** Sends the request over a connection to the host, and the answer back. */
  send(response: ServerResponse, upstream: Socket, signal: AbortSignal): Promise<void>;
}

export interface DoorParts {
  tunnelTo(target: Target): Errand;
  /** Throws a PaddockError for what is no request that is taken here. */
  errandOf(request: IncomingMessage): HttpErrand;
  log: TrafficLog;
  limits: DoorLimits;
  fault(fault: unknown): void;
}

interface Asked extends Errand {
  client: Socket;
  failed(reason: PaddockError): void;
  onread?: OnReadOpts;
}

/** One request from the cage to a host, while it lives. */
interface Passage extends Pick<Errand, "target" | "way"> {
  /** Null while it is not allowed yet. */
  basis: Basis | null;
  end: AbortController;
}

export const maxHeaderBytes = 32 * 1024;
const headerMs = 10_000;
const withdrawn = new PaddockError("denied", "What allowed this was taken back.");

export class Door {
  readonly #parts: DoorParts;
  readonly #server = createServer({ maxHeaderSize: maxHeaderBytes, requestTimeout: 0 });
  readonly #connections = new Set<Socket>();
  /** Connections whose request has not come yet. */
  readonly #fresh = new Map<Socket, NodeJS.Timeout>();
  readonly #passages = new Set<Passage>();
  #isClosed = false;

  constructor(parts: DoorParts) {
    this.#parts = parts;
    this.#server.on("connect", (request, socket: Socket, head) => void this.#tunnel(request, socket, head));
    this.#server.on("request", (request, response) => void this.#forward(request, response));
    this.#server.on("clientError", (fault: NodeJS.ErrnoException, socket: Socket) => {
      if (fault.code?.startsWith("HPE_")) parts.log.refused(null, "invalid_input", `No HTTP request: ${fault.code}`);
      refuse(socket, malformed);
    });
  }

  accept(connection: Socket): void {
    connection.on("error", () => undefined);
    if (this.#isClosed || this.#connections.size >= this.#parts.limits.connections) {
      connection.destroy();
      if (!this.#isClosed) this.#parts.log.refused(null, "too_many", "Too many connections at once.");
      return;
    }
    this.#connections.add(connection);
    this.#fresh.set(
      connection,
      setTimeout(() => connection.destroy(), headerMs),
    );
    connection.once("close", () => {
      this.#takeFresh(connection);
      this.#connections.delete(connection);
    });
    this.#server.emit("connection", connection);
  }

  /** Ends what is no longer allowed. */
  review(isAllowed: (target: Target, way: Way, basis: Basis) => boolean): void {
    for (const { target, way, basis, end } of this.#passages) {
      if (basis !== null && !isAllowed(target, way, basis)) end.abort(withdrawn);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const { end } of this.#passages) end.abort();
    for (const connection of this.#connections) connection.destroy();
    this.#parts.log.close();
  }

  async #tunnel(request: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
    if (!this.#takeFresh(client)) return void client.destroy();
    const target = targetOf(request.url ?? "", null);
    if (!target) return this.#turnAway(null, malformed, () => refuse(client, malformed));
    const relay = new Relay(client);
    let isOpen = false;
    const failed = (reason: PaddockError) => (isOpen ? client.destroy() : refuse(client, reason));
    await this.#pass({ client, failed, ...this.#parts.tunnelTo(target), onread: relay.onread }, (upstream, signal) => {
      isOpen = true;
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      return runTunnel({ client, head, upstream, relay }, target, signal);
    });
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const client = request.socket;
    if (!this.#takeFresh(client)) return void client.destroy();
    response.shouldKeepAlive = false;
    const failed = (reason: PaddockError) => {
      if (response.headersSent) client.destroy();
      else response.writeHead(errors[reason.code].status, { "content-type": "text/plain" }).end(`${reason.message}\n`);
    };
    try {
      const errand = this.#parts.errandOf(request);
      await this.#pass({ client, failed, ...errand }, (upstream, signal) => errand.send(response, upstream, signal));
    } catch (error) {
      if (!(error instanceof PaddockError)) throw error;
      this.#turnAway(null, error, failed);
    }
  }

  async #pass(
    { client, failed, target, way, what, admit, onread }: Asked,
    run: (upstream: Socket, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { log, limits } = this.#parts;
    const passage: Passage = { target, way, basis: null, end: new AbortController() };
    const { signal } = passage.end;
    this.#passages.add(passage);
    try {
      if (!log.hasRoom) throw new PaddockError("too_many", "No more can be recorded of this cage at the moment.");
      const { addresses, basis } = await admit(signal);
      passage.basis = basis;
      const upstream = await dial(addresses, target.port, { timeoutMs: limits.connectMs, signal, onread });
      const visit = log.opened(what, way, basis);
      try {
        for (const end of [client, upstream]) end.setTimeout(limits.idleMs, () => passage.end.abort());
        await run(upstream, signal);
      } finally {
        visit.end(upstream.bytesWritten, upstream.bytesRead);
        upstream.destroy();
      }
    } catch (error) {
      this.#ended(passage, error, failed);
    } finally {
      this.#passages.delete(passage);
    }
  }

  /** Connections break off all the time, which is nobody's fault. */
  #ended({ target, end }: Passage, error: unknown, failed: (reason: PaddockError) => void): void {
    const reason = end.signal.aborted ? end.signal.reason : error;
    if (reason instanceof PaddockError) {
      this.#turnAway(target, reason, failed);
      return;
    }
    if (!end.signal.aborted && (error as NodeJS.ErrnoException).code === undefined) this.#parts.fault(error);
    failed(new PaddockError("unavailable", "The connection broke off."));
  }

  #turnAway(target: Target | null, reason: PaddockError, failed: (reason: PaddockError) => void): void {
    this.#parts.log.refused(target, reason.code, reason.message);
    failed(reason);
  }

  #takeFresh(connection: Socket): boolean {
    clearTimeout(this.#fresh.get(connection));
    return this.#fresh.delete(connection);
  }
}

const malformed = new PaddockError("invalid_input", "This is no request that a proxy understands.");

function refuse(client: Socket, { code, message }: PaddockError): void {
  const body = `${message}\n`;
  const head = [
    `HTTP/1.1 ${errors[code].status} ${code}`,
    "content-type: text/plain",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  client.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
