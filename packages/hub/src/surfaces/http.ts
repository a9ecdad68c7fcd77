/**
 * The hub's HTTP server. Every request passes the guard first; `/mcp` and tool calls are answered on node's own objects,
 * because they are the hot path, everything else by the routes.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type Config, PaddockError, type Principal, type TokenScope } from "@paddock/contract";
import type { Logger } from "pino";
import type { Access } from "../access/access.ts";
import type { RemoteOf } from "../access/remote.ts";
import type { Oauth } from "../oauth/oauth.ts";
import { boundConnections } from "../sockets/connections.ts";
import { createServer } from "../sockets/http-server.ts";
import { actionsPrefix } from "./actions/document.ts";
import { drain, isDeclaredTooLarge, parseJson, readBody } from "./body.ts";
import { sendError } from "./error-answer.ts";
import { openGuard } from "./guard.ts";
import type { McpSurface } from "./mcp/mount.ts";
import { type RefusedRequests, recordRefused } from "./refused-requests.ts";
import { answerCall } from "./rest/call.ts";
import { narrowed } from "./rest/narrowed.ts";
import type { RouteParts } from "./routes.ts";
import { Unauthorized } from "./unauthorized.ts";
import { openUnread } from "./unread.ts";

export interface HttpParts extends Omit<RouteParts, "streams" | "url"> {
  access: Access;
  mcp: McpSurface;
  oauth: Pick<Oauth, "challenge">;
  remoteOf: RemoteOf;
  /** What answers addresses of its own: OAuth, and the owner's pages. */
  pages: readonly Pick<Oauth, "serves" | "handle">[];
  config: RouteParts["config"] & Pick<Config, "host" | "public_url" | "allowed_origins">;
  log: Pick<Logger, "error" | "debug">;
  /** Takes over the connection of a runner of another machine. */
  onLink(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  /** The address that clients use; known once the server listens. */
  url(): string;
}

const maxUnreadBytes = 128 * 1024 * 1024;
const callPrefix = "/api/v1/tools/";
/** Below the actions: an earlier answer. */
const restPrefix = "answers/";
const timeouts = {
  headersTimeout: 15_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
};
/** Enough for a thousand machines that come back at once while a thousand strangers say nothing. */
const maxConnections = { halfOpen: 1_024, inAll: 4_096 };
const linkPath = "/link";
const mcpMethods: ReadonlySet<string | undefined> = new Set(["GET", "POST", "DELETE"]);

export function createHttpServer(parts: HttpParts): Server {
  const guard = openGuard(parts.config);
  const refused = recordRefused(parts.audit, parts.remoteOf);
  const routed = lazy(() => loadRoutes(parts, refused));

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (guard.admit(request, response)) return;
    const { path, query } = addressOf(request.url ?? "");
    if (path === "/mcp") await answerMcp(parts, refused, request, response);
    else if (path.startsWith(callPrefix))
      await answerTool(parts, request, response, path.slice(callPrefix.length), query);
    else if (path.startsWith(actionsPrefix))
      await answerForGpt(parts, request, response, path.slice(actionsPrefix.length), query);
    else await (parts.pages.find((page) => page.serves(path))?.handle ?? (await routed()))(request, response);
  };
  const unread = openUnread(maxUnreadBytes);
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).then(
      () => unread.watch(response),
      (error) => {
        refused.note(request, error);
        sendError(response, error, parts.log);
        drain(request);
      },
    );
  };

  const server = createServer({ ...timeouts, shouldUpgradeCallback: isForRunners }, listener);
  boundConnections(server, maxConnections);
  server.on("upgrade", (request, stream, head) => {
    if (guard.admitsUpgrade(request)) parts.onLink(request, stream, head);
    else stream.destroy();
  });
  server.on("checkContinue", (request, response) => {
    if (!isDeclaredTooLarge(request)) response.writeContinue();
    listener(request, response);
  });
  return server;
}

/** Any other wish to upgrade is passed over, as HTTP allows: some clients wish for HTTP/2 with every request. */
const isForRunners = ({ url, headers }: IncomingMessage): boolean =>
  url === linkPath && headers.upgrade?.toLowerCase() === "websocket";

async function answerMcp(
  parts: HttpParts,
  refused: RefusedRequests,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!mcpMethods.has(request.method)) throw methodNotAllowed(response, "GET, POST, DELETE");
  const principal = authenticate(parts, request, "mcp");
  const body = request.method === "POST" ? await readBody(request) : Buffer.alloc(0);
  if (!(await parts.mcp.handle(request, response, principal, body)))
    refused.note(request, new PaddockError("session_lost", "The session is none of this hub's."));
}

async function answerTool(
  parts: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
  tool: string,
  query: string,
): Promise<void> {
  if (request.method !== "POST") throw methodNotAllowed(response, "POST");
  const principal = narrowed(parts.access, authenticate(parts, request, "rest"), query);
  const input = parseJson(await readBody(request));
  await answerCall(request, response, { runs: parts.runs, principal, tool, input });
}

async function answerForGpt(
  parts: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: string,
): Promise<void> {
  const isRest = path.startsWith(restPrefix);
  if (request.method !== (isRest ? "GET" : "POST")) throw methodNotAllowed(response, isRest ? "GET" : "POST");
  const principal = authenticate(parts, request, "rest");
  const { runs } = parts;
  const { answerAction, answerRest } = await import("./actions/answer.ts");
  if (isRest) return answerRest(response, path.slice(restPrefix.length), query, { runs, principal });
  return answerAction(response, path, parseJson(await readBody(request)), { runs, principal });
}

function authenticate(
  { access, oauth, remoteOf }: Pick<HttpParts, "access" | "oauth" | "remoteOf">,
  request: IncomingMessage,
  surface: "mcp" | "rest",
  scope?: TokenScope,
): Principal {
  const { authorization } = request.headers;
  try {
    return access.authenticate(authorization, remoteOf(request), surface, scope);
  } catch (error) {
    if (!(error instanceof PaddockError && error.code === "unauthorized")) throw error;
    const challenge = oauth.challenge(surface, authorization !== undefined);
    throw challenge === null ? error : new Unauthorized(error, challenge);
  }
}

function addressOf(url: string): { path: string; query: string } {
  if (!url.startsWith("/")) throw new PaddockError("not_found", "The address has to begin with a slash.");
  const at = url.indexOf("?");
  return at < 0 ? { path: url, query: "" } : { path: url.slice(0, at), query: url.slice(at + 1) };
}

function methodNotAllowed(response: ServerResponse, allow: string): PaddockError {
  response.setHeader("allow", allow);
  return new PaddockError("method_not_allowed", "The address exists, but not with this method.");
}

async function loadRoutes(parts: HttpParts, refused: RefusedRequests) {
  const [{ openApp }, { routes }] = await Promise.all([import("./app.ts"), import("./routes.ts")]);
  return openApp({
    routes: routes({ ...parts, url: parts.url(), streams: () => parts.mcp.openStreams }),
    authenticate: (request, scope) => authenticate(parts, request, "rest", scope),
    refused,
    log: parts.log,
  });
}

function lazy<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | null = null;
  return () => {
    loaded ??= load();
    return loaded;
  };
}
