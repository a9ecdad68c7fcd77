/** An MCP client of the session era, no more than JSON-RPC over the bench's own HTTP client. */
import { connect } from "./http-client.ts";
import type { Stage } from "./stage.ts";

export interface McpClient {
  /** The answer's bytes, not looked into. */
  send(method: string, params?: object): Promise<Buffer>;
  /** The result of an answer. */
  ask(method: string, params?: object): Promise<Record<string, unknown>>;
  close(): void;
}

const protocolVersion = "2025-11-25";

export async function mcpClient({ world, token }: Pick<Stage, "world" | "token">): Promise<McpClient> {
  const client = connect(world.address, {
    authorization: `Bearer ${token}`,
    accept: "application/json, text/event-stream",
  });
  let headers: Record<string, string> = {};
  let id = 0;
  const send = async (method: string, params: object = {}) => {
    id += 1;
    const answer = await client.post("/mcp", JSON.stringify({ jsonrpc: "2.0", id, method, params }), headers);
    const session = answer.headers["mcp-session-id"];
    if (typeof session === "string") headers = { "mcp-session-id": session, "mcp-protocol-version": protocolVersion };
    return answer.body;
  };
  const ask = async (method: string, params?: object) =>
    JSON.parse((await send(method, params)).toString("utf8")).result;
  await ask("initialize", { protocolVersion, capabilities: {}, clientInfo: { name: "bench", version: "1" } });
  return { send, ask, close: () => client.close() };
}
