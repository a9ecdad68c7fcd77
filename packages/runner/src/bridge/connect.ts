/** Starts or reaches an MCP server. The client library is loaded with the first connection: most machines bridge nothing. */
import type { Transport } from "@modelcontextprotocol/client";
import type { DoorFor } from "../egress/egress.ts";
import type { Cages } from "../sandbox/cage.ts";
import type { Call } from "../tools/handler.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { CagedTransport, type Sdk } from "./caged-transport.ts";
import { type HttpServer, type Server, type StdioServer, secretsOf } from "./config.ts";
import { type Connection, connectionOf, newSession } from "./connection.ts";

export interface ConnectParts {
  cages: Cages;
  doorFor: DoorFor;
  version: string;
  /** Time a server has to start, and to list its tools. */
  startMs: number;
}

/** What a connection is made for: the caller whose roots and domain a server that is not shared gets. */
export type Place = Pick<Call, "workspace" | "domain" | "profile" | "roots" | "principal">;

export async function connect(parts: ConnectParts, server: Server, place: Place): Promise<Connection> {
  const sdk = await import("@modelcontextprotocol/client");
  return server.transport === "http" ? connectHttp(sdk, parts, server) : connectStdio(sdk, parts, server, place);
}

async function connectStdio(sdk: Sdk, parts: ConnectParts, server: StdioServer, place: Place): Promise<Connection> {
  try {
    return await openStdio(sdk, parts, server, place, "auto");
  } catch (error) {
    // Some older servers end at any request before `initialize`: they get a fresh start with that.
    if (error instanceof sdk.SdkError && error.code === sdk.SdkErrorCode.EraNegotiationFailed) {
      return openStdio(sdk, parts, server, place, "legacy");
    }
    throw error;
  }
}

async function openStdio(
  sdk: Sdk,
  { cages, version, doorFor, startMs }: ConnectParts,
  server: StdioServer,
  place: Place,
  mode: "auto" | "legacy",
): Promise<Connection> {
  const domain = server.shared ? `bridge:${server.id}` : `${place.domain}\nbridge:${server.id}`;
  const caged = await cages.start({
    argv: [server.command, ...server.args],
    cwd: startsIn(server, place),
    profile: place.profile,
    domain,
    roots: server.shared ? [] : place.roots.list,
    env: server.env,
    doorway: server.network ? doorFor({ ...place, domain }) : null,
  });
  const transport = new CagedTransport(caged, sdk);
  const session = newSession(sdk, version, mode);
  try {
    await session.client.connect(transport, { timeout: startMs });
  } catch (error) {
    await transport.close();
    throw withLastWords(error, transport.lastWords);
  }
  const gone = caged.exited.then(() => transport.lastWords);
  return connectionOf(session, gone, () => transport.close());
}

/** A server that ends at once usually has said why. */
function withLastWords(error: unknown, words: string): unknown {
  if (words !== "" && error instanceof Error) error.message += ` It said: ${words.slice(-500)}`;
  return error;
}

async function connectHttp(sdk: Sdk, { version, startMs }: ConnectParts, server: HttpServer): Promise<Connection> {
  const transport = new sdk.StreamableHTTPClientTransport(new URL(server.url), {
    requestInit: { headers: server.headers },
    fetch: boundedFetch,
    reconnectionOptions: {
      maxReconnectionDelay: 5000,
      initialReconnectionDelay: 500,
      reconnectionDelayGrowFactor: 2,
      maxRetries: 2,
    },
  });
  const session = newSession(sdk, version, "auto");
  const { client } = session;
  const gone = new Promise<string>((resolve) => {
    client.onclose = () => resolve("");
  });
  try {
    await client.connect(transport as Transport, { timeout: startMs });
  } catch (error) {
    await client.close();
    throw error;
  }
  return connectionOf(session, gone, () => client.close());
}

/** A server that holds a secret does not start where an agent's files could be loaded as parts of it. */
const startsIn = (server: StdioServer, { workspace }: Place): string =>
  server.shared || secretsOf(server).length > 0 ? "/" : workspace;
