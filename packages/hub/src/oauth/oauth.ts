/**
 * OAuth: how clients from outside sign in. What is asked of it on each call (whose token is this?) is answered from the
 * database; the authorization server behind the rest is loaded with the first request to it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AuditSink } from "@paddock/audit";
import { type Config, PaddockError } from "@paddock/contract";
import type { Provider } from "oidc-provider";
import { countFailures, RateLimited } from "../access/failed-credentials.ts";
import type { RemoteOf } from "../access/remote.ts";
import type { Accounts } from "../accounts/accounts.ts";
import type { Log } from "../log.ts";
import { type Clients, openClients } from "./clients.ts";
import { type Consents, openConsents } from "./consents.ts";
import { audienceOn, type Issuer, issuerOf } from "./issuer.ts";
import type { OauthStore } from "./store.ts";

export interface OauthParts {
  store: OauthStore;
  audit: AuditSink;
  accounts: Accounts;
  config: Pick<Config, "language">;
  remoteOf: RemoteOf;
  /** The address that clients use; known once the server listens. */
  url(): string;
  /** The machines that a client can be let in to. */
  machines(): readonly { id: string; name: string }[];
  /** Told of each consent that ends before its time. */
  onEnd(principal: string): void;
  log: Pick<Log, "warn" | "error">;
  /** In the place of fetching from the internet. */
  fetchMetadata?: ((address: string | URL) => Promise<Response>) | undefined;
}

export interface Oauth {
  readonly consents: Consents;
  readonly clients: Clients;
  /** Whether an address is one of OAuth's. */
  serves(path: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** What a client that may not call is told, so that it can sign in; null where that is not offered. */
  challenge(surface: "mcp" | "rest", hasToken: boolean): string | null;
}

const paths: ReadonlySet<string> = new Set(["/authorize", "/token", "/register", "/revoke", "/oauth/jwks"]);
const authorizationServer = /^\/\.well-known\/(oauth-authorization-server|openid-configuration)$/;
const protectedResource = /^\/\.well-known\/oauth-protected-resource(?:\/(mcp|api))?$/;
const belowAuthorize = /^\/authorize\/[\w-]{1,64}$/;
const consentPath = /^\/consent\/[\w-]{1,64}$/;
/** Anybody may ask these, and each makes the hub keep something for a while. */
const keeping: ReadonlySet<string> = new Set(["/authorize", "/register"]);
/** How many of them a minute from one address. */
const perMinute = 120;

export function openOauth(parts: OauthParts): Oauth {
  const { store, audit, onEnd, url } = parts;
  const issuer = () => issuerOf(url());
  const consents = openConsents({ store, audit, onEnd, audienceOf: (surface) => audienceOn(issuer(), surface) });
  const clients = openClients(store.clients, audit);
  const requests = countFailures(perMinute);
  let loading: Promise<Loaded> | null = null;
  const loaded = (at: Issuer) => {
    loading ??= load(at, { ...parts, consents, clients });
    return loading;
  };
  return {
    consents,
    clients,
    serves: (path) =>
      paths.has(path) ||
      [authorizationServer, protectedResource, belowAuthorize, consentPath].some((shape) => shape.test(path)),
    challenge(surface, hasToken) {
      const at = issuer();
      if (!at) return null;
      const metadata = `${at.url}/.well-known/oauth-protected-resource/${surface === "mcp" ? "mcp" : "api"}`;
      return `Bearer realm="paddock", ${hasToken ? 'error="invalid_token", ' : ""}resource_metadata="${metadata}"`;
    },
    async handle(request, response) {
      const [path = ""] = request.url?.split("?", 1) ?? [];
      const at = issuer();
      if (!at) throw notOffered();
      const resource = protectedResource.exec(path);
      if (resource) return sendResource(request, response, at, resource[1] === "api" ? "api" : "mcp");
      if (keeping.has(path)) limit(requests, parts.remoteOf(request));
      const { provider, answerConsent } = await loaded(at);
      if (consentPath.test(path)) return await answerConsent(parts.accounts.visitOf(asked(request, at), response));
      await provider(asked(request, at), response);
    },
  };
}

interface Loaded {
  provider: ReturnType<Provider["callback"]>;
  answerConsent(visit: ReturnType<Accounts["visitOf"]>): Promise<void>;
}

async function load(issuer: Issuer, parts: OauthParts & { consents: Consents; clients: Clients }): Promise<Loaded> {
  const { store, consents, clients, log, config } = parts;
  const [{ openProvider }, { answerConsent }, { errorPage }, { guardedFetch }, { languageFor }] = await Promise.all([
    import("./provider.ts"),
    import("./consent.ts"),
    import("./consent-page.ts"),
    import("./fetch-metadata.ts"),
    import("../surfaces/html.ts"),
  ]);
  const fetches = countFailures(perMinute / 4);
  const provider = openProvider({
    issuer,
    issued: store.issued,
    clients,
    consents,
    fetchMetadata: parts.fetchMetadata ?? guardedFetch(),
    mayFetch: (request) => fetches.add(parts.remoteOf(request), Date.now()) === 0,
    errorPage: ({ headers }, error, description) =>
      errorPage(languageFor(headers["accept-language"], config.language), error, description),
    log: (error) => log.error({ err: error }, "the authorization server failed"),
  });
  return {
    provider: provider.callback(),
    answerConsent: (visit) => answerConsent(visit, { ...parts, provider, url: issuer.url }),
  };
}

function limit(requests: ReturnType<typeof countFailures>, remote: string): void {
  const waitSeconds = requests.add(remote, Date.now());
  if (waitSeconds > 0) throw new RateLimited(waitSeconds);
}

/**
 * The request as the settings say it was made: nothing that a proxy or a client says of scheme and host is heard. Where it came
 * from stays in, for those who know which proxy to believe.
 */
function asked(request: IncomingMessage, { url }: Issuer): IncomingMessage {
  const { host, protocol } = new URL(url);
  for (const name of Object.keys(request.headers)) {
    if (
      (name.startsWith("x-forwarded-") && name !== "x-forwarded-for") ||
      name === "forwarded" ||
      name === "x-original-url"
    )
      delete request.headers[name];
  }
  Object.assign(request.headers, { host, "x-forwarded-proto": protocol.slice(0, -1) });
  return request;
}

function sendResource(
  request: IncomingMessage,
  response: ServerResponse,
  { url, resources }: Issuer,
  name: "mcp" | "api",
): void {
  if (request.method !== "GET")
    throw new PaddockError("method_not_allowed", "The address exists, but not with this method.");
  const body = JSON.stringify({
    resource: resources[name],
    authorization_servers: [url],
    scopes_supported: [name],
    bearer_methods_supported: ["header"],
    resource_name: "Paddock",
  });
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
}

const notOffered = (): PaddockError =>
  new PaddockError(
    "not_found",
    "Signing in is not offered at this address: it needs https, or this machine itself.",
    "Set PADDOCK_PUBLIC_URL to the https address of the hub, without a path.",
  );
