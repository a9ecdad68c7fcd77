/**
 * What every request must pass before anything else looks at it: a Host that is ours, so that no foreign name can be bound
 * to this address, and an Origin that is ours or listed, so that no foreign page can call. Sets the headers that every
 * answer carries.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Config, PaddockError } from "@paddock/contract";

export interface Guard {
  /** Throws wrong_host or wrong_origin. Returns true when it has answered: a preflight of a listed origin. */
  admit(request: IncomingMessage, response: ServerResponse): boolean;
  /** Whether a runner may upgrade the connection: to our own name, and from no page. */
  admitsUpgrade(request: IncomingMessage): boolean;
}

const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];
const hostHeader = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/;
const wildcards = new Set(["0.0.0.0", "::"]);

const preflight = {
  "access-control-allow-methods": "GET, POST, DELETE",
  "access-control-allow-headers":
    "Authorization, Content-Type, Accept, Idempotency-Key, Last-Event-ID, Mcp-Session-Id, MCP-Protocol-Version, Mcp-Method, Mcp-Name",
  "access-control-max-age": "600",
};

export function openGuard(config: Pick<Config, "host" | "public_url" | "allowed_origins">): Guard {
  const publicUrl = config.public_url ? new URL(config.public_url) : null;
  const listed: ReadonlySet<string> = new Set(config.allowed_origins);
  const hosts = new Set(loopbackNames);
  if (publicUrl) hosts.add(publicUrl.hostname);
  if (!wildcards.has(config.host))
    hosts.add(config.host.includes(":") ? `[${config.host}]` : config.host.toLowerCase());

  const isOurs = (host: string): boolean => hosts.has(hostHeader.exec(host)?.[1] ?? "");
  const hostOf = ({ headers }: IncomingMessage): string => headers.host?.toLowerCase() ?? "";
  const checkHost = (request: IncomingMessage): string => {
    const host = hostOf(request);
    if (!isOurs(host)) {
      throw new PaddockError("wrong_host", "The request names a host that is not this hub's.");
    }
    return host;
  };

  return {
    admitsUpgrade: (request) => request.headers.origin === undefined && isOurs(hostOf(request)),
    admit(request, response) {
      setCommonHeaders(response);
      const host = checkHost(request);
      const { origin } = request.headers;
      if (origin === undefined || origin === `http://${host}` || origin === publicUrl?.origin) return false;
      if (!listed.has(origin)) throw new PaddockError("wrong_origin", "The page's origin may not call this hub.");
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("access-control-expose-headers", "Mcp-Session-Id, Paddock-Run, Retry-After, WWW-Authenticate");
      if (request.method !== "OPTIONS") return false;
      response.writeHead(204, preflight).end();
      return true;
    },
  };
}

function setCommonHeaders(response: ServerResponse): void {
  response.setHeader("cache-control", "no-store");
  response.setHeader("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  response.setHeader("referrer-policy", "no-referrer");
  response.setHeader("vary", "Origin");
  response.setHeader("x-content-type-options", "nosniff");
}
