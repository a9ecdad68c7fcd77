/**
 * Plain HTTP, one request: taken apart by node's own strict parser, put together anew and sent to the address that was
 * checked. What concerns only the one connection does not pass, and a redirect is told to the client, which comes again.
 */
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { PaddockError } from "@paddock/contract";
import { usualPort } from "./host-rules.ts";
import { shownTarget, type Target, targetOf } from "./target.ts";

/** Not imported by name: that would also load the WebSocket client of `node:http`, 30 ms and 13 MB. */
const { request: openRequest } = process.getBuiltinModule("node:http");

export interface Asked {
  target: Target;
  /** Path and query, as sent to the host. */
  path: string;
}

const hopByHop = new Set([
  "connection",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What a request in absolute form asks for. Throws invalid_input for anything else, and where Host says something else. */
export function askedBy(request: IncomingMessage): Asked {
  const [, authority = "", rest = ""] = /^http:\/\/([^/?#]*)([^#]*)$/i.exec(request.url ?? "") ?? [];
  const target = targetOf(authority, usualPort.plain);
  if (!target || !/^[\x21-\x7e]*$/.test(rest)) throw malformed("Only http:// addresses without credentials are taken.");
  const hosts = valuesOf(request.rawHeaders, "host");
  const said = targetOf(hosts[0] ?? authority, usualPort.plain);
  if (hosts.length > 1 || said?.host !== target.host || said.port !== target.port) {
    throw malformed("The Host header and the address name different hosts.");
  }
  const coding = request.headers["transfer-encoding"];
  if (coding !== undefined && coding.toLowerCase() !== "chunked") throw malformed("Only chunked bodies are taken.");
  return { target, path: rest.startsWith("/") ? rest : `/${rest}` };
}

const malformed = (message: string): PaddockError => new PaddockError("invalid_input", message);

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}

/** Sends it over `upstream` and the answer back. Rejects when either side breaks off. */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { target, path }: Asked,
  { upstream, maxHeaderBytes, signal }: { upstream: Socket; maxHeaderBytes: number; signal: AbortSignal },
): Promise<void> {
  const outgoing = openRequest({
    method: request.method,
    path,
    headers: ["host", hostHeader(target), ...passedOn(request.rawHeaders), ...framing(request), "connection", "close"],
    setHost: false,
    createConnection: () => upstream,
    maxHeaderSize: maxHeaderBytes,
    signal,
  });
  const [sent, answered] = await Promise.allSettled([
    pipeline(request, outgoing, { signal }),
    answer(outgoing, response, signal),
  ]);
  // A host may answer before it has read everything; that it has answered is what counts.
  if (answered.status === "rejected") throw sent.status === "rejected" ? sent.reason : answered.reason;
}

async function answer(outgoing: ClientRequest, response: ServerResponse, signal: AbortSignal): Promise<void> {
  const incoming = await responseTo(outgoing);
  response.writeHead(incoming.statusCode ?? 502, [...passedOn(incoming.rawHeaders), "connection", "close"]);
  await pipeline(incoming, response, { signal });
}

export function responseTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once("response", resolve);
    outgoing.once("error", reject);
    outgoing.once("close", () => reject(new PaddockError("unavailable", "The host closed without an answer.")));
  });
}

/** Without what is meant for the one connection, whoever named it so. */
function passedOn(rawHeaders: readonly string[]): string[] {
  const named = valuesOf(rawHeaders, "connection").flatMap((value) => value.toLowerCase().split(","));
  const dropped = new Set([...hopByHop, ...named.map((name) => name.trim())]);
  dropped.delete("content-length");
  return rawHeaders.filter((_, at) => !dropped.has((rawHeaders[at - (at % 2)] ?? "").toLowerCase()));
}

const hostHeader = (target: Target): string =>
  target.port === usualPort.plain ? shownTarget(target).replace(/:80$/, "") : shownTarget(target);

/** The body's length passes as a header; without one it goes in chunks again. */
const framing = ({ headers }: IncomingMessage): string[] =>
  headers["transfer-encoding"] === undefined ? [] : ["transfer-encoding", "chunked"];
