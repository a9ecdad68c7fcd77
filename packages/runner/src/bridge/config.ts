/** The MCP servers that the owner configured on this machine: `bridge.json` in the runner's state folder. */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { writeWhole } from "@paddock/audit";
import { PaddockError, rememberSecret } from "@paddock/contract";
import * as z from "zod";

const text = z.string().max(8192);

const common = {
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, "An id is 1 to 64 letters, digits, - or _."),
  name: z.string().max(128).optional(),
  enabled: z.boolean().default(true),
  /**
   * What agents get: `none` hides the server; `meta_only` gives every tool through mcp_tools and mcp_call; `all` lists each
   * under a name of its own too, and `allowlist` does so with those named in `tools`, which then are all there is.
   */
  expose: z.enum(["none", "meta_only", "allowlist", "all"]).default("meta_only"),
  tools: z.array(z.string().max(128)).max(500).default([]),
  /** Seconds without use after which it is stopped; `bridge_idle_seconds` when absent. */
  idle_timeout_sec: z.number().int().min(1).max(86_400).optional(),
  /** One for all callers and workspaces, which then sees no workspace; otherwise each gets its own. */
  shared: z.boolean().default(false),
};

const stdioServer = z.strictObject({
  ...common,
  transport: z.literal("stdio"),
  command: text.min(1),
  args: z.array(text).max(128).default([]),
  /** Enters the server's own cage and nothing else. */
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), text).default({}),
  /** Whether its cage gets the network that commands get. */
  network: z.boolean().default(false),
});

const httpServer = z.strictObject({
  ...common,
  transport: z.literal("http"),
  url: z
    .url({ protocol: /^https?$/ })
    .refine((url) => new URL(url).username === "", "Put credentials into headers, not into the address."),
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]+$/), text).default({}),
});

export const serverSchema = z.discriminatedUnion("transport", [stdioServer, httpServer]);
export type Server = z.output<typeof serverSchema>;
export type ServerInput = z.input<typeof serverSchema>;
export type StdioServer = z.output<typeof stdioServer>;
export type HttpServer = z.output<typeof httpServer>;

const bridgeFile = z.strictObject({
  version: z.literal(1),
  servers: z
    .array(serverSchema)
    .max(64)
    .refine((servers) => new Set(servers.map(({ id }) => id)).size === servers.length, "Two servers have the same id."),
});

/** Throws invalid_config with the place of the fault; values, which may be secret, are never repeated. */
export function readServers(file: string): Server[] {
  if (!statSync(file, { throwIfNoEntry: false })) return [];
  return parsed(readFileSync(file, "utf8"), file).servers;
}

export function writeServers(file: string, servers: readonly (Server | ServerInput)[]): void {
  const content = parsed(JSON.stringify({ version: 1, servers }), file);
  writeWhole(file, `${JSON.stringify(content, null, 2)}\n`);
}

/** Reads the file again only when it has changed; `changed` is told of every reading but the first. */
export function watchedServers(file: string, changed: (servers: readonly Server[]) => void): () => readonly Server[] {
  let stamp = "";
  let servers: readonly Server[] = [];
  return () => {
    const state = statSync(file, { throwIfNoEntry: false });
    const now = `${state?.ino} ${state?.mtimeMs} ${state?.size}`;
    if (now !== stamp) {
      servers = state ? readServers(file) : [];
      if (stamp !== "") changed(servers);
      stamp = now;
    }
    return servers;
  };
}

/** Changes whenever anything about the server does. */
export const fingerprintOf = (server: Server): string =>
  createHash("sha256").update(JSON.stringify(server)).digest("hex");

/** Values that must not be repeated to anyone: credentials in headers, and variables whose name says that they are one. */
export function secretsOf(server: Server): string[] {
  const named = server.transport === "http" ? server.headers : server.env;
  const secret = Object.entries(named).filter(([name]) => server.transport === "http" || secretName.test(name));
  return secret.flatMap(([, value]) => [value, value.replace(/^\S+\s+/, "")]).filter((value) => value.length >= 6);
}

const secretName = /key|token|secret|pass|pwd|auth|credential|cookie|private|dsn|database_url/i;

function parsed(content: string, file: string): z.output<typeof bridgeFile> {
  try {
    const known = bridgeFile.parse(JSON.parse(content));
    for (const server of known.servers) for (const secret of secretsOf(server)) rememberSecret(secret);
    return known;
  } catch (error) {
    const said = error instanceof z.ZodError ? z.prettifyError(error) : "It is not valid JSON.";
    throw new PaddockError("invalid_config", `${file}: ${said}`);
  }
}
