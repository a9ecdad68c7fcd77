/** A connection to one MCP server: its tools and their calls, both as the server words them. */
import type { Client, StandardSchemaV1, Tool } from "@modelcontextprotocol/client";
import { PaddockError } from "@paddock/contract";
import type { Sdk } from "./caged-transport.ts";

export type Json = Record<string, unknown>;
/** As the server declares it: `name` and `inputSchema` have been looked at, nothing has been changed. */
export type DeclaredTool = Json & { name: string };

export interface Wait {
  timeoutMs: number;
  signal: AbortSignal;
}

export interface Connection {
  /** Settles with the last words when the server has gone by itself or was closed. Never rejects. */
  readonly gone: Promise<string>;
  /** The list as it was last fetched; again from the server when `fresh`, or when it said that the list has changed. */
  tools(wait: Wait, fresh: boolean): Promise<readonly DeclaredTool[]>;
  call(tool: DeclaredTool, args: Json, wait: Wait): Promise<Json>;
  close(): Promise<void>;
}

/** A server that does not know the newer opening may stay silent; then the older one is used. */
const probeMs = 3000;
const maxTools = 500;
const maxPages = 32;
const maxDeclarationBytes = 2 * 1024 * 1024;

/** Takes any result: what a server adds to the known fields has to reach the caller. */
const unchanged: StandardSchemaV1<unknown, Json> = {
  "~standard": {
    version: 1,
    vendor: "paddock",
    validate: (value) => (isJson(value) ? { value } : { issues: [{ message: "A result is an object." }] }),
  },
};

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** A client, and the list of tools as far as it is known and still true. */
export interface Session {
  client: Client;
  known: readonly DeclaredTool[] | null;
}

/** A client that takes results as they are: the schemas of the server are the caller's business. */
export function newSession(sdk: Sdk, version: string, mode: "auto" | "legacy"): Session {
  const changed = () => {
    session.known = null;
  };
  const client = new sdk.Client(
    { name: "paddock", version },
    {
      capabilities: {},
      jsonSchemaValidator: {
        getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
      },
      versionNegotiation: mode === "auto" ? { mode, probe: { timeoutMs: probeMs } } : { mode },
      listChanged: { tools: { autoRefresh: false, onChanged: changed } },
    },
  );
  const session: Session = { client, known: null };
  return session;
}

export function connectionOf(session: Session, gone: Promise<string>, close: () => Promise<void>): Connection {
  const { client } = session;
  return {
    gone,
    close,
    async tools(wait, fresh) {
      if (session.known && !fresh) return session.known;
      const tools = await fetchTools(client, wait);
      session.known = tools;
      return tools;
    },
    async call(tool, args, wait) {
      const params = { name: tool.name, arguments: args };
      if (wantsHeaders(client, tool)) {
        return (await client.callTool(params, { ...optionsOf(wait), toolDefinition: tool as unknown as Tool })) as Json;
      }
      return await client.request({ method: "tools/call", params }, unchanged, optionsOf(wait));
    },
  };
}

async function fetchTools(client: Client, wait: Wait): Promise<DeclaredTool[]> {
  if (!client.getServerCapabilities()?.tools) return [];
  const found: DeclaredTool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const answer = await client.request({ method: "tools/list", params }, unchanged, optionsOf(wait));
    found.push(...declared(answer.tools));
    if (found.length > maxTools) throw new PaddockError("server_failed", `The server has more than ${maxTools} tools.`);
    if (typeof answer.nextCursor !== "string") return withinSize(found);
    cursor = answer.nextCursor;
  }
  throw new PaddockError("server_failed", "The server's list of tools does not end.");
}

const optionsOf = ({ timeoutMs, signal }: Wait) => ({ timeout: timeoutMs, maxTotalTimeout: timeoutMs, signal });

/** Over HTTP some arguments travel as headers too; only the client's own way of calling does that. */
function wantsHeaders(client: Client, tool: DeclaredTool): boolean {
  return client.getProtocolEra() === "modern" && JSON.stringify(tool.inputSchema).includes('"x-mcp-header"');
}

function declared(tools: unknown): DeclaredTool[] {
  if (!Array.isArray(tools)) throw new PaddockError("server_failed", "The server's answer holds no list of tools.");
  return tools.filter(
    (tool): tool is DeclaredTool => isJson(tool) && typeof tool.name === "string" && isJson(tool.inputSchema),
  );
}

function withinSize(tools: DeclaredTool[]): DeclaredTool[] {
  if (JSON.stringify(tools).length <= maxDeclarationBytes) return tools;
  throw new PaddockError("server_failed", "The server's list of tools is larger than 2 MiB.");
}
