/**
 * Writes one JSON-RPC answer to an HTTP response: as JSON when it is there within a second, else as a stream of server-sent
 * events that is opened early, because clients and proxies give up on silence long before a command does.
 */
import type { ServerResponse } from "node:http";
import type { Parts } from "./dispatch.ts";
import { whileWaiting } from "./progress.ts";

const linefeed = 0x0a;

export const streamHeaders = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
} as const;

export interface ReplyOptions {
  /** Whether the client accepts a stream. */
  stream: boolean;
  /** Bytes of a progress notification after so many seconds, for a client that asked for progress. */
  progress?: ((seconds: number) => Buffer) | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
}

/** Rejects as the answer does; a stream may be open by then. Writes nothing to a client that has gone. */
export async function reply(
  response: ServerResponse,
  answer: Parts | Promise<Parts>,
  options: ReplyOptions,
): Promise<void> {
  if (!(answer instanceof Promise)) return writeJson(response, answer, options.headers);
  const stopWaiting = options.stream ? streamAfterAWhile(response, options) : null;
  try {
    const parts = await answer;
    if (response.destroyed) return;
    if (response.headersSent) endStream(response, parts);
    else writeJson(response, parts, options.headers);
  } finally {
    stopWaiting?.();
  }
}

export function writeJson(
  response: ServerResponse,
  parts: Parts,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): void {
  let length = 0;
  for (const part of parts) length += part.length;
  response.writeHead(status, { "content-type": "application/json", "content-length": length, ...headers });
  response.cork();
  for (const part of parts) response.write(part);
  response.end();
  response.uncork();
}

export function endStream(response: ServerResponse, parts: Parts): void {
  response.write(event(parts));
  response.end();
}

/** One server-sent event. */
export function event(parts: Parts): Buffer {
  const framed = [Buffer.from("event: message\ndata: "), ...parts.map(oneLine), Buffer.from("\n\n")];
  return Buffer.concat(framed);
}

/** Line feeds of JSON, which can only be white space, would end a line too soon. */
export const oneLine = (part: Buffer): Buffer =>
  part.includes(linefeed) ? Buffer.from(part.map((byte) => (byte === linefeed ? 0x20 : byte))) : part;

function streamAfterAWhile(response: ServerResponse, { progress, headers }: ReplyOptions): () => void {
  const stop = whileWaiting((seconds) => {
    if (!response.headersSent) response.writeHead(200, { ...streamHeaders, ...headers });
    response.write(progress ? event([progress(seconds)]) : ": waiting\n\n");
  });
  response.once("close", stop);
  return stop;
}
