/**
 * The link for networks that break WebSockets: what goes to the runner comes as server-sent events of one long answer, what comes
 * from it in requests one after the other. It carries the same sealed messages; the address of a connection is chance, and
 * whoever guessed it could end that connection and nothing else.
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { PaddockError } from "@paddock/contract";
import { maxEventPostBytes, maxFrameBytes } from "@paddock/contract/link";
import { type Carrier, type CarrierEvents, messagesIn, sealBytes } from "@paddock/link/sealed";

export interface EventLinks {
  /** Answers a GET or POST of `/link/events...`. Throws what is wrong with it. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): void;
}

export interface EventLinkParts {
  /** Takes a new connection. `trust` lets more come over it than a stranger may send. */
  accept(carrier: Carrier, trust: () => void): void;
  /** What a stranger may send in all. */
  maxStrangerBytes: number;
}

interface Connection {
  carrier: Carrier;
  /** Bytes that came in requests, in order. */
  take(bytes: Buffer): void;
  /** How many bytes may come in one request now. */
  allowedBytes(): number;
  trust(): void;
  /** The number of the request that has to come next. */
  next: number;
  /** One request at a time. */
  isBusy: boolean;
}

const prefix = "/link/events";

export function openEventLinks({ accept, maxStrangerBytes }: EventLinkParts): EventLinks {
  const connections = new Map<string, Connection>();
  const begin = (response: ServerResponse): void => {
    const id = randomBytes(24).toString("base64url");
    const connection = openConnection(response, maxStrangerBytes, () => connections.delete(id));
    connections.set(id, connection);
    response.writeHead(200, { "content-type": "text/event-stream", "x-accel-buffering": "no" });
    response.write(`event: open\ndata: ${id}\n\n`);
    accept(connection.carrier, connection.trust);
  };
  const post = async (request: IncomingMessage, response: ServerResponse, id: string, number: string) => {
    const connection = connections.get(id);
    if (!connection) throw new PaddockError("not_found", "There is no such connection.");
    if (connection.isBusy || Number(number) !== connection.next) {
      connection.carrier.cut("what came was not next");
      throw new PaddockError("invalid_input", "That was not the next request.");
    }
    connection.isBusy = true;
    const bytes = await bodyOf(request, connection.allowedBytes());
    connection.isBusy = false;
    connection.next += 1;
    connection.take(bytes);
    response.writeHead(204).end();
  };
  return {
    async handle(request, response) {
      const [, id = "", number = ""] = (request.url ?? "").slice(prefix.length).split("/");
      if (request.method === "GET" && id === "") begin(response);
      else if (request.method === "POST" && id !== "") await post(request, response, id, number);
      else throw new PaddockError("not_found", "There is nothing at this address.");
    },
    close() {
      for (const { carrier } of connections.values()) carrier.cut("the hub was stopped");
    },
  };
}

function openConnection(response: ServerResponse, strangerBytes: number, gone: () => void): Connection {
  let left = strangerBytes;
  let events: CarrierEvents | null = null;
  let reason = "the connection ended";
  const messages = messagesIn(maxFrameBytes + sealBytes);
  const cut = (why: string): void => {
    reason = why;
    response.destroy();
  };
  response.on("close", () => {
    gone();
    events?.closed(reason);
  });
  const carrier: Carrier = {
    get isOpen() {
      return !response.destroyed && !response.writableEnded;
    },
    get waiting() {
      return response.writableLength;
    },
    listen(next) {
      events = next;
    },
    send(pieces) {
      response.write(`data: ${Buffer.concat(pieces).toString("base64")}\n\n`);
    },
    together(send) {
      response.cork();
      send();
      response.uncork();
    },
    drained: () =>
      new Promise((resolve) => void (response.destroyed ? resolve() : response.write(":\n\n", () => resolve()))),
    close: () => void response.end(),
    cut,
  };
  const take = (bytes: Buffer): void => {
    left -= bytes.length;
    const whole = messages.add(bytes);
    if (whole === null) cut("a message was too large");
    for (const message of whole ?? []) events?.message([message]);
  };
  const trust = (): void => {
    left = Number.POSITIVE_INFINITY;
  };
  return { carrier, take, trust, allowedBytes: () => Math.min(left, maxEventPostBytes), next: 0, isBusy: false };
}

async function bodyOf(request: IncomingMessage, most: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    bytes += piece.length;
    if (bytes > most) throw new PaddockError("too_large", "One request holds less of the link.");
    pieces.push(piece);
  }
  return Buffer.concat(pieces, bytes);
}
