/**
 * JSON-RPC messages as they arrive, and which protocol era they belong to.
 *
 * Only the plainest form of each era is told apart here, because most requests have it. Whatever else arrives is `other`
 * and goes to the SDK, which knows every rule of every revision and words the refusals.
 */

export const modernVersion = "2026-07-28";
export const legacyVersions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const;

export type Era = "legacy" | "modern";
export type MessageId = string | number;

export interface Message {
  jsonrpc: "2.0";
  id?: MessageId | null;
  method?: string;
  params?: Params;
  [field: string]: unknown;
}

export interface Params {
  _meta?: Record<string, unknown>;
  [field: string]: unknown;
}

export interface Request extends Message {
  id: MessageId;
  method: string;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isId = (value: unknown): value is MessageId => typeof value === "string" || Number.isSafeInteger(value);

/** A request, a notification, or an answer. A request whose id is none is no message. */
export function isMessage(value: unknown): value is Message {
  if (!isObject(value) || value.jsonrpc !== "2.0") return false;
  const { method, id, params } = value;
  if (method !== undefined && (typeof method !== "string" || (id !== undefined && !isId(id)))) return false;
  return params === undefined || (isObject(params) && (params._meta === undefined || isObject(params._meta)));
}

export const isRequest = (message: Message): message is Request => message.method !== undefined && isId(message.id);

/** Headers of the request that carried a message. Over stdio there are none, and nothing to agree with. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

const prefix = "io.modelcontextprotocol/";
export const metaKeys = {
  version: `${prefix}protocolVersion`,
  capabilities: `${prefix}clientCapabilities`,
  client: `${prefix}clientInfo`,
  logLevel: `${prefix}logLevel`,
  server: `${prefix}serverInfo`,
  subscription: `${prefix}subscriptionId`,
} as const;

const claimKeys = [metaKeys.version, metaKeys.capabilities, metaKeys.client];
const legacy: ReadonlySet<string> = new Set(legacyVersions);

export function eraOf(message: Message, headers: Headers | null): Era | "other" {
  const meta = message.params?._meta;
  if (meta !== undefined && claimKeys.some((key) => key in meta)) {
    return isPlainModern(message, meta) && (headers === null || agrees(message, headers)) ? "modern" : "other";
  }
  const version = headers?.["mcp-protocol-version"];
  return version === undefined || (typeof version === "string" && legacy.has(version)) ? "legacy" : "other";
}

function isPlainModern(message: Message, meta: Record<string, unknown>): boolean {
  const client = meta[metaKeys.client];
  return (
    isRequest(message) &&
    meta[metaKeys.version] === modernVersion &&
    isObject(meta[metaKeys.capabilities]) &&
    (client === undefined ||
      (isObject(client) && typeof client.name === "string" && typeof client.version === "string")) &&
    !(metaKeys.logLevel in meta)
  );
}

function agrees(message: Message, headers: Headers): boolean {
  return (
    headers["mcp-protocol-version"] === modernVersion &&
    headers["mcp-method"] === message.method &&
    (message.method !== "tools/call" || headers["mcp-name"] === message.params?.name)
  );
}

export const errorCodes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  sessionNotFound: -32001,
  unsupportedVersion: -32022,
} as const;

export function errorAnswer(id: MessageId | null, code: number, message: string, more?: object): Buffer {
  return Buffer.from(JSON.stringify({ jsonrpc: "2.0", id, error: { code, message, ...more } }));
}
