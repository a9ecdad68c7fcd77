/**
 * GET streams of the legacy era, on which the hub announces that its tool list has changed. They are the only state an MCP
 * client can hold here, so their number is capped: a new one ends the oldest of its principal, or of all.
 */
import type { ServerResponse } from "node:http";
import { event, streamHeaders } from "./reply.ts";

const maxPerPrincipal = 16;
const maxInAll = 256;
const keepAliveMs = 15_000;

export interface Streams {
  open(response: ServerResponse, principal: string): void;
  announce(message: object): void;
  /** Ends those of one principal. */
  endOf(principal: string): void;
  readonly size: number;
  close(): void;
}

export function openStreams(): Streams {
  // In the order of opening.
  const streams = new Map<ServerResponse, string>();
  let beat: NodeJS.Timeout | undefined;

  const forget = (response: ServerResponse) => {
    streams.delete(response);
    if (streams.size === 0) {
      clearInterval(beat);
      beat = undefined;
    }
  };
  const end = (response: ServerResponse | undefined) => {
    if (!response) return;
    forget(response);
    response.end();
  };
  const makeRoom = (principal: string) => {
    const own = [...streams].filter(([, owner]) => owner === principal);
    if (own.length >= maxPerPrincipal) end(own[0]?.[0]);
    else if (streams.size >= maxInAll) end(streams.keys().next().value);
  };
  const write = (bytes: Buffer | string) => {
    // A reader that has stopped reading is ended instead of being buffered for.
    for (const response of [...streams.keys()]) if (!response.write(bytes)) end(response);
  };

  return {
    open(response, principal) {
      makeRoom(principal);
      response.writeHead(200, streamHeaders);
      response.write(": open\n\n");
      streams.set(response, principal);
      response.on("close", () => forget(response));
      beat ??= setInterval(() => write(": keep-alive\n\n"), keepAliveMs).unref();
    },
    announce: (message) => write(event([Buffer.from(JSON.stringify(message))])),
    endOf(principal) {
      for (const [response, owner] of [...streams]) if (owner === principal) end(response);
    },
    get size() {
      return streams.size;
    },
    close() {
      for (const response of [...streams.keys()]) end(response);
    },
  };
}
