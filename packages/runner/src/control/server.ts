/**
 * The owner's control socket: HTTP with JSON on a unix socket that only the owner's account can open. Whoever reaches it is
 * the owner; every answer given here is given on the machine itself.
 */
import { chmodSync, rmSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { connect } from "node:net";
import { errors, invalidInput, PaddockError, passphraseHeader } from "@paddock/contract";
import { type WebSocket, WebSocketServer } from "ws";
import type * as z from "zod";
import { socketOptions } from "../link/peer.ts";

/** Not imported by name: that would also load the WebSocket client of `node:http`, 30 ms and 13 MB. */
const { createServer } = process.getBuiltinModule("node:http");

export interface ControlRequest {
  /** The parts of the address that the route's pattern captured. */
  parts: readonly string[];
  query: URLSearchParams;
  body: unknown;
}

export interface Route {
  method: "GET" | "POST" | "DELETE";
  path: RegExp;
  /** What is answered as JSON. */
  answer(request: ControlRequest): unknown;
  /** Whether it widens nothing, so that no passphrase is wanted. What reads never does. */
  free?(request: ControlRequest): boolean;
}

export interface ControlParts {
  path: string;
  routes: readonly Route[];
  /** Throws unless the owner's passphrase was sent, where there is one. */
  guard(header: string | undefined): Promise<void>;
  /** A client that sends calls over the link protocol. */
  onLink(socket: WebSocket): void;
  log: { error(fields: object, message: string): void };
}

const maxBodyBytes = 1024 * 1024;

export async function openControl(parts: ControlParts): Promise<Server> {
  await removeStale(parts.path);
  const links = new WebSocketServer({ noServer: true, ...socketOptions });
  const server = createServer((request, response) => void serve(parts, request, response));
  server.on("upgrade", (request, socket, head) => {
    if (request.url !== "/link") return socket.destroy();
    links.handleUpgrade(request, socket, head, parts.onLink);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(parts.path, resolve);
  });
  chmodSync(parts.path, 0o600);
  return server;
}

/** A socket that nobody serves is left from a runner that was killed. */
async function removeStale(path: string): Promise<void> {
  const alive = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
  if (alive) throw new PaddockError("already_running", `A runner serves ${path} already.`);
  rmSync(path, { force: true });
}

async function serve(parts: ControlParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    send(response, 200, await answer(parts, request));
  } catch (error) {
    if (error instanceof PaddockError) return send(response, errors[error.code].status, body(error));
    parts.log.error({ err: error, url: request.url }, "a request to the control socket failed unexpectedly");
    send(
      response,
      500,
      body(new PaddockError("internal", "The request failed unexpectedly; the runner's log says why.")),
    );
  }
}

const body = ({ code, message, nextStep }: PaddockError) => ({ error: { code, message, nextStep } });

async function answer({ routes, guard }: ControlParts, request: IncomingMessage): Promise<unknown> {
  const url = new URL(request.url ?? "/", "http://runner");
  for (const route of routes) {
    const match = route.method === request.method ? route.path.exec(url.pathname) : null;
    if (!match) continue;
    const parts = match.slice(1).map(decodeURIComponent);
    const asked = { parts, query: url.searchParams, body: await readBody(request) };
    if (route.method !== "GET" && !route.free?.(asked)) await guard(headerOf(request));
    return route.answer(asked);
  }
  throw new PaddockError("not_found", `There is no ${request.method} ${url.pathname}.`);
}

function headerOf({ headers }: IncomingMessage): string | undefined {
  const value = headers[passphraseHeader];
  return typeof value === "string" ? value : undefined;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new PaddockError("too_large", "The body is larger than 1 MiB.");
    chunks.push(chunk);
  }
  if (size === 0) return null;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new PaddockError("invalid_json", "The body is not valid JSON.");
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(value ?? null)}\n`);
}

/** A body, as its schema wants it. Throws invalid_input. */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidInput(parsed.error);
  return parsed.data;
}
