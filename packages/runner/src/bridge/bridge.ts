/**
 * The bridge to the MCP servers of this machine. What an agent sees of them is bounded by the owner twice: by the
 * exposure level of each server, and by the list of tools that was accepted.
 */
import { PaddockError } from "@paddock/contract";
import type { BridgedTool } from "@paddock/contract/link";
import type { OutputOf } from "@paddock/contract/tools";
import type { ContentApprovals } from "../approvals/content.ts";
import type { Call } from "../tools/handler.ts";
import { answerOf, type BridgedAnswer, maskText } from "./answer.ts";
import { type Server, secretsOf, watchedServers } from "./config.ts";
import { type ConnectParts, connect, type Place } from "./connect.ts";
import type { Connection, DeclaredTool, Json } from "./connection.ts";
import { asFailure, isConnectionFault } from "./failure.ts";
import { namedTools } from "./named-tools.ts";
import { openPool, type Pool, type PoolParts } from "./pool.ts";
import { isNamed, openToolLists, type ToolLists } from "./tool-list.ts";

export interface BridgeParts extends ConnectParts {
  /** The owner's list of servers. */
  file: string;
  /** Which tool lists were accepted. */
  acceptedFile: string;
  approvals: ContentApprovals;
  idleSeconds: number;
  now?: () => number;
  log: PoolParts["log"];
  /** The owner has edited the list of servers. */
  changed(servers: readonly Server[]): void;
}

export type ServerRow = OutputOf<"mcp_servers">["servers"][number];

export interface Bridge {
  /** Whether an agent can use any server. */
  isInUse(): boolean;
  /** The accepted tools that the owner exposes by name. */
  named(): BridgedTool[];
  /** Starts the servers whose tools are to be listed by name and are not known yet. Never rejects. */
  learn(call: Caller): Promise<void>;
  /** Calls back when either has changed, because the owner has edited the list or a server was used first; returns how to stop. */
  watch(changed: () => void): () => void;
  servers(place: Place, refresh: boolean): ServerRow[];
  tools(call: Caller, id: string): Promise<readonly DeclaredTool[]>;
  call(call: Call, request: { server: string; tool: string; args: Json; timeoutMs: number }): Promise<BridgedAnswer>;
  /** Ends the servers of a principal; shared ones go on. */
  endPrincipal(principal: string): Promise<void>;
  close(): Promise<void>;
}

/** Whose use of a server it is. */
export type Caller = Place & Pick<Call, "signal">;

const watchEveryMs = 2000;

/** Throws invalid_config when the list of servers is broken. */
export function openBridge(parts: BridgeParts): Bridge {
  return new RunnerBridge(parts);
}

class RunnerBridge implements Bridge {
  readonly #configured: () => readonly Server[];
  readonly #lists: ToolLists;
  readonly #pool: Pool;
  readonly #startMs: number;
  /** How many tools a server was last seen to offer, for mcp_servers. */
  readonly #seen = new Map<string, number | "changed">();

  constructor({ file, acceptedFile, approvals, idleSeconds, now = Date.now, log, changed, ...reach }: BridgeParts) {
    this.#configured = watchedServers(file, changed);
    this.#configured();
    this.#startMs = reach.startMs;
    this.#lists = openToolLists(acceptedFile, approvals);
    this.#pool = openPool({
      connect: (server, place) => connect(reach, server, place),
      describe: (server, fault) => maskText(secretsOf(server), fault instanceof Error ? fault.message : String(fault)),
      isBroken: isConnectionFault,
      idleSeconds,
      now,
      log,
    });
  }

  isInUse(): boolean {
    try {
      return this.#exposed().length > 0;
    } catch (fault) {
      // A list that was broken after the start serves nobody; whoever calls a bridge tool is told why.
      if (fault instanceof PaddockError) return false;
      throw fault;
    }
  }

  named(): BridgedTool[] {
    return this.isInUse() ? namedTools(this.#exposed(), this.#lists) : [];
  }

  async learn(call: Caller): Promise<void> {
    const unknown = this.isInUse() ? this.#exposed().filter((one) => isNamed(one) && !this.#lists.named(one)) : [];
    // What cannot be started now is told to whoever uses it, and is learnt then.
    await Promise.allSettled(unknown.map(({ id }) => this.tools(call, id)));
  }

  watch(changed: () => void): () => void {
    const state = () => JSON.stringify([this.isInUse(), this.named()]);
    let known = state();
    const look = () => {
      const now = state();
      if (now !== known) changed();
      known = now;
    };
    // Compares with what was known when the watch began; a watcher of the file could begin after the first change.
    const timer = setInterval(look, watchEveryMs).unref();
    return () => clearInterval(timer);
  }

  servers(place: Place, refresh: boolean): ServerRow[] {
    return this.#exposed().map((server) => {
      if (refresh) this.#pool.forgive(server, place);
      const { state, lastError } = this.#pool.view(server, place);
      const seen = this.#seen.get(server.id);
      return {
        id: server.id,
        name: server.name ?? server.id,
        transport: server.transport,
        expose: exposureOf(server),
        state: state === "ready" && seen === "changed" ? "changed" : state,
        tool_count: typeof seen === "number" ? seen : null,
        last_error: lastError,
      };
    });
  }

  async tools(call: Caller, id: string): Promise<readonly DeclaredTool[]> {
    const server = this.#find(id);
    return this.#use(server, call, (connection) => this.#accepted(server, connection, call.signal, true));
  }

  async call(
    call: Call,
    { server: id, tool: name, args, timeoutMs }: { server: string; tool: string; args: Json; timeoutMs: number },
  ): Promise<BridgedAnswer> {
    const server = this.#find(id);
    return this.#use(server, call, async (connection) => {
      const tools = await this.#accepted(server, connection, call.signal, false);
      const tool = tools.find((one) => one.name === name);
      if (!tool) throw noTool(id, name);
      return answerOf(server, await connection.call(tool, args, { timeoutMs, signal: call.signal }));
    });
  }

  endPrincipal(principal: string): Promise<void> {
    return this.#pool.endPrincipal(principal);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #exposed(): Server[] {
    return this.#configured().filter(({ enabled, expose }) => enabled && expose !== "none");
  }

  #find(id: string): Server {
    const server = this.#exposed().find((one) => one.id === id);
    if (!server) throw new PaddockError("server_not_found", `There is no bridged server ${JSON.stringify(id)}.`);
    return server;
  }

  async #use<T>(server: Server, call: Caller, work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await this.#pool.use(server, call, work);
    } catch (fault) {
      throw asFailure(server, fault, call.signal);
    }
  }

  /** The tools an agent may see; throws `inert` when the owner has not accepted them as they are. */
  async #accepted(
    server: Server,
    connection: Connection,
    signal: AbortSignal,
    fresh: boolean,
  ): Promise<readonly DeclaredTool[]> {
    const tools = await connection.tools({ timeoutMs: this.#startMs, signal }, fresh);
    const shown = server.expose === "allowlist" ? tools.filter(({ name }) => server.tools.includes(name)) : tools;
    try {
      this.#lists.check(server, shown);
    } catch (refusal) {
      this.#seen.set(server.id, "changed");
      throw refusal;
    }
    this.#seen.set(server.id, shown.length);
    return shown;
  }
}

/** A hidden server is not listed at all. */
function exposureOf({ expose }: Server): ServerRow["expose"] {
  return expose === "none" ? "meta_only" : expose;
}

function noTool(id: string, name: string): PaddockError {
  return new PaddockError(
    "tool_failed",
    `The server ${id} has no tool ${JSON.stringify(name)} that you may use.`,
    "List its tools with mcp_tools.",
  );
}
