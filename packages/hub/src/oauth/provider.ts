/** The authorization server: a library, and what Paddock wants of it. */
import { generateKeyPairSync, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ownerId } from "@paddock/contract";
import { type Configuration, errors, type JWK, type KoaContextWithOIDC, Provider } from "oidc-provider";
import { checkClient } from "./client-rules.ts";
import { newClientId } from "./clients.ts";
import { hashOf } from "./consents.ts";
import type { Issuer } from "./issuer.ts";
import { type RecordParts, recordsOf } from "./records.ts";

export interface ProviderParts extends RecordParts {
  issuer: Issuer;
  fetchMetadata(address: string | URL): Promise<Response>;
  /** Whether one more description of a client may be fetched for this request. */
  mayFetch(request: IncomingMessage): boolean;
  /** A page that tells a person what went wrong. */
  errorPage(request: IncomingMessage, error: string, description: string | undefined): string;
  log(error: Error): void;
}

/** What a client may ask for: MCP, or plain HTTP. What the owner chooses limits either. */
const scopes = ["mcp", "api"] as const;

const minuteS = 60;
const hourS = 3_600;
/** The owner's consent has to come within this time. */
const interactionS = 10 * minuteS;
const maxDescriptionBytes = 16 * 1024;
const maxKeysBytes = 64 * 1024;

export function openProvider(parts: ProviderParts): Provider {
  const { issuer, fetchMetadata, log } = parts;
  const provider = new Provider(issuer.url, {
    adapter: recordsOf(parts),
    fetch: (address) => fetchMetadata(String(address)),
    fetchResponseBodyLimits: { "client_id metadata document": maxDescriptionBytes, jwks_uri: maxKeysBytes },
    findAccount: (_context, id) => (id === ownerId ? { accountId: id, claims: () => ({ sub: id }) } : undefined),
    interactions: { url: (_context, { uid }) => `/consent/${uid}` },
    renderError(context, { error, error_description: description }) {
      context.type = "html";
      context.body = parts.errorPage(context.req, error, description);
    },
    ...whatIsSpoken,
    ...whatIsIssued,
    ...keys(),
    features: { ...featuresOf(issuer), clientIdMetadataDocument: descriptions(parts) },
  } satisfies Configuration);
  // Scheme and host come from the settings: see `handle` in mount.ts, which lets no other word of them through.
  provider.proxy = true;
  provider.Client.prototype.compareClientSecret = function compareClientSecret(given) {
    return timingSafeEqual(
      Buffer.from(hashOf(given)),
      Buffer.from(this.clientSecret ?? hashOf(randomBytes(32).toString("hex"))),
    );
  };
  provider.use(withoutOpenDoors);
  provider.use(inFull(issuer));
  provider.on("server_error", (_context, error) => log(error));
  return provider;
}

/** Which pages may read an answer was decided by the guard; the library would let all of them. */
async function withoutOpenDoors({ response }: { response: KoaContextWithOIDC["response"] }, next: () => Promise<void>) {
  const isDecided = Boolean(response.get("access-control-allow-origin"));
  try {
    await next();
  } finally {
    if (!isDecided) response.remove("access-control-allow-origin");
  }
}

/**
 * Not every client says what it asks for. A request without a resource means MCP, unless it wants plain HTTP by its scope;
 * and whoever asks for a resource asks for its scope.
 */
const inFull =
  ({ resources }: Issuer) =>
  async (context: Pick<KoaContextWithOIDC, "path" | "query">, next: () => Promise<void>) => {
    const { resource, scope } = context.query;
    const asked = new Set(
      String(scope ?? "")
        .split(" ")
        .filter(Boolean),
    );
    if (context.path === "/authorize") {
      const meant = resource ?? (asked.has("api") && !asked.has("mcp") ? resources.api : resources.mcp);
      asked.add(meant === resources.api ? "api" : "mcp");
      context.query = { ...context.query, resource: meant, scope: [...asked].join(" ") };
    }
    await next();
  };

const whatIsSpoken = {
  routes: {
    authorization: "/authorize",
    token: "/token",
    registration: "/register",
    revocation: "/revoke",
    jwks: "/oauth/jwks",
  },
  responseTypes: ["code"],
  pkce: { required: () => true },
  scopes: [...scopes],
  claims: {},
  clientAuthMethods: ["none", "client_secret_post", "client_secret_basic", "private_key_jwt"],
  clientBasedCORS: () => false,
  clientDefaults: {
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    id_token_signed_response_alg: "ES256",
  },
  // Called for each client that is put together; the property itself means nothing.
  extraClientMetadata: {
    properties: ["paddock"],
    validator: (_context, _key, _value, metadata) => checkClient(metadata as Record<string, unknown>),
  },
  sectorIdentifierUriValidate: () => false,
  enabledJWA: { idTokenSigningAlgValues: ["ES256"], clientAuthSigningAlgValues: ["RS256", "PS256", "ES256", "EdDSA"] },
} satisfies Configuration;

const whatIsIssued = {
  issueRefreshToken: async (_context, client) => client.grantTypeAllowed("refresh_token"),
  rotateRefreshToken: true,
  // A client that gives one of its tokens back is done: its consent ends.
  revokeGrantPolicy: () => true,
  expiresWithSession: () => false,
  ttl: {
    AuthorizationCode: minuteS,
    AccessToken: (context) => Math.min(hourS, leftOf(context.oidc.entities.Grant)),
    RefreshToken: (context) => leftOf(context.oidc.entities.Grant),
    Interaction: interactionS,
    Session: interactionS,
  },
} satisfies Configuration;

/** Seconds that the consent goes on for. */
const leftOf = (grant: { remainingTTL: number } | undefined): number => Math.max(1, grant?.remainingTTL ?? 1);

const featuresOf = ({ resources }: Issuer) =>
  ({
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    userinfo: { enabled: false },
    registration: { enabled: true, issueRegistrationAccessToken: false, idFactory: newClientId },
    revocation: {
      enabled: true,
      allowedPolicy: async (_context, client, token) => token.clientId === client.clientId,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resources.mcp,
      useGrantedResource: () => true,
      getResourceServerInfo(_context, resource) {
        if (!Object.values(resources).includes(resource))
          throw new errors.InvalidTarget("there is no such resource here");
        return { scope: scopes.join(" "), audience: resource, accessTokenFormat: "opaque" };
      },
    },
  }) satisfies Configuration["features"];

const descriptions = ({ mayFetch }: ProviderParts) => ({
  enabled: true,
  ack: "draft-02",
  allowFetch: async (context: { req: IncomingMessage }) => mayFetch(context.req),
  cacheDuration: { min: hourS, max: 24 * hourS },
});

/** Nothing that is signed outlives the process: cookies of a sign-in under way, and no ID tokens at all. */
function keys() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "ES256" } as JWK;
  return {
    jwks: { keys: [jwk] },
    cookies: {
      keys: [randomBytes(32).toString("base64url")],
      names: { session: "paddock_authorization", interaction: "paddock_consent", resume: "paddock_resume" },
    },
  } satisfies Configuration;
}
