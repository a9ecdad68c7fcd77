/** What the hub gives to its MCP surface, and what it gets: the handler of `/mcp`, behind the checks of Host, Origin, token and size. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Principal, Tool } from "@paddock/contract";
import type { ShownMachines } from "../../machines/machine.ts";
import type { Runs } from "../../runs/runs.ts";
import type { Extension } from "./extension.ts";

export interface McpLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface McpDeps {
  runs: Runs;
  machines: ShownMachines;
  /** The tools that a principal may see just now, in a stable order. */
  toolsFor(principal: Principal): readonly Tool[];
  /** The same principal with less; throws when it would be more. See Access. */
  narrow(principal: Principal, wish: { toolset?: string | undefined; workspace?: string | undefined }): Principal;
  /** Paddock's own version, shown to clients. */
  version: string;
  /** At least 32 secret bytes that outlive a restart; see `sessionKey` in sessions.ts. */
  sessionKey: Buffer;
  log: McpLog;
  /** Conformance fixtures, never in production; see `loadExtension` in extension.ts. */
  extension?: Extension;
}

export interface McpSurface {
  /**
   * Answers one request to `/mcp`, whose Host, Origin and credential have been checked and whose body has been read whole
   * (empty for GET and DELETE). False when it named a session that is none of this principal's. Rejects only for bugs, and then
   * may have written nothing.
   */
  handle(request: IncomingMessage, response: ServerResponse, principal: Principal, body: Buffer): Promise<boolean>;
  /** Open GET streams; there is no other state per session. */
  readonly openStreams: number;
  /** Ends every stream that a principal has open. */
  endStreams(principal: string): void;
  /** Ends every open stream. */
  close(): Promise<void>;
}
