/** How the MCP surface is mounted: what it gets from the hub, and what it is asked to answer. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config, Principal } from "@paddock/contract";
import type { Logger } from "pino";
import type { Access } from "../../access/access.ts";
import type { AuditLog } from "../../audit/log.ts";
import type { Machine } from "../../machines/machine.ts";
import type { Runs } from "../../runs/runs.ts";

export interface McpDependencies {
  runs: Runs;
  machine: Machine;
  access: Access;
  audit: AuditLog;
  config: Config;
  version: string;
  log: Logger;
  /** The hub's state folder, 0700, where the surface keeps the key of its session ids. */
  folder: string;
}

export interface McpSurface {
  /**
   * Answers one request on `/mcp`. Host, Origin, CORS, credentials and the size of the body were checked; the body of a
   * POST was read whole, and is empty otherwise. CORS and security headers are set on the response already. What it
   * throws becomes an HTTP error answer, as long as no header was sent.
   */
  answer(request: McpRequest, response: ServerResponse): Promise<void>;
  /** Event streams that are open, for `/healthz` and `/metrics`. */
  readonly openStreams: number;
  /** Ends what is open. */
  close(): Promise<void>;
}

export interface McpRequest {
  incoming: IncomingMessage;
  principal: Principal;
  body: Buffer;
  /** The query of the address, such as `toolset=readonly`. */
  query: URLSearchParams;
}

export type OpenMcpSurface = (dependencies: McpDependencies) => Promise<McpSurface>;
