/** Handlers of the bridge tools. */
import { PaddockError } from "@paddock/contract";
import type { BridgedAnswer } from "../bridge/answer.ts";
import type { Bridge } from "../bridge/bridge.ts";
import type { DeclaredTool } from "../bridge/connection.ts";
import type { Handlers } from "./handler.ts";

const pageBytes = 256 * 1024;

export function bridgeHandlers(bridge: Bridge): Handlers<"mcp_servers" | "mcp_tools" | "mcp_call"> {
  return {
    mcp_servers: {
      async run({ refresh }, call) {
        const servers = bridge.servers(call, refresh);
        const count = servers.length;
        return { summary: `${count} bridged ${count === 1 ? "server" : "servers"}.`, data: { servers, count } };
      },
    },
    mcp_tools: {
      async run({ server_id, cursor }, call) {
        const all = await bridge.tools(call, server_id);
        const tools = pageOf(all, cursor);
        const next = cursor + tools.length;
        const next_cursor = next < all.length ? next : null;
        return {
          summary: `${all.length} tools of ${server_id}.`,
          data: { server_id, tools, count: all.length, next_cursor },
        };
      },
    },
    mcp_call: {
      wants: ({ server_id, tool }) => ({ server: server_id, serverTool: tool }),
      async run({ server_id, tool, arguments: args, timeout_seconds }, call) {
        const answer = await bridge.call(call, { server: server_id, tool, args, timeoutMs: timeout_seconds * 1000 });
        if (answer.isError) throw failedTool(server_id, tool, answer);
        const { content, structured, media, truncated } = answer;
        const structured_content = structured === undefined ? {} : { structured_content: structured };
        return {
          summary: `${tool} of ${server_id} answered${truncated ? ", cut to size" : ""}.`,
          data: { server_id, tool, content, ...structured_content, truncated },
          content: media,
        };
      },
    },
  };
}

/** As many as fit, at least one. */
function pageOf(tools: readonly DeclaredTool[], cursor: number): DeclaredTool[] {
  const page: DeclaredTool[] = [];
  let bytes = 0;
  for (const tool of tools.slice(cursor)) {
    bytes += JSON.stringify(tool).length;
    if (page.length > 0 && bytes > pageBytes) break;
    page.push(tool);
  }
  return page;
}

/** The server's isError stays an error, with all that it says. */
function failedTool(server: string, tool: string, { content, structured, truncated }: BridgedAnswer): PaddockError {
  const [first] = content.filter(({ type }) => type === "text");
  const words = String(first?.text ?? "It gave no reason.").slice(0, 500);
  const structured_content = structured === undefined ? {} : { structured_content: structured };
  return new PaddockError("tool_failed", `${tool} of ${server} failed: ${words}`, undefined, {
    content,
    ...structured_content,
    truncated,
  });
}
