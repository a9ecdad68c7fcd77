/** The bridge: MCP servers that the owner configured on this machine. */
import * as z from "zod";
import { timeoutField } from "../fields.ts";
import { defineTool } from "../tool.ts";

const serverId = z.string().min(1).max(64);
const json = z.record(z.string(), z.unknown());

export const bridgeTools = {
  mcp_servers: defineTool({
    name: "mcp_servers",
    title: "Bridged servers",
    summary:
      "The MCP servers that you may use, and their state; with several machines those of all, unless one is named.",
    effect: "reads",
    toolset: "full",
    input: z.object({
      refresh: z.boolean().default(false).describe("Forget earlier failures, so that the next use tries at once."),
    }),
    output: z.object({
      servers: z.array(
        z.object({
          machine: z.string().optional().describe("Where all were asked."),
          id: z.string(),
          name: z.string(),
          transport: z.enum(["stdio", "http"]),
          expose: z.enum(["meta_only", "allowlist", "all"]),
          state: z.enum(["stopped", "starting", "ready", "failed", "changed"]),
          tool_count: z.number().nullable(),
          last_error: z.string().nullable(),
        }),
      ),
      count: z.number(),
      failed: z
        .array(z.object({ machine: z.string(), code: z.string(), message: z.string() }))
        .optional()
        .describe("Machines that could not be asked."),
    }),
  }),
  mcp_tools: defineTool({
    name: "mcp_tools",
    title: "Tools of a bridged server",
    summary: "The tools of one bridged MCP server with their input schemas. Starts the server when it is not running.",
    effect: "executes",
    toolset: "full",
    input: z.object({
      server_id: serverId,
      cursor: z.number().int().min(0).default(0).describe("next_cursor of the answer before."),
    }),
    output: z.object({
      server_id: z.string(),
      tools: z.array(json).describe("As the server declares them."),
      count: z.number(),
      next_cursor: z.number().nullable(),
    }),
  }),
  mcp_call: defineTool({
    name: "mcp_call",
    title: "Call a bridged tool",
    summary:
      "Call a tool of a bridged MCP server; mcp_tools shows names and input schemas. A failure of the tool itself comes as an error with its own words.",
    effect: "reaches",
    toolset: "full",
    input: z.object({
      server_id: serverId,
      tool: z.string().min(1).max(128),
      arguments: json.default({}),
      timeout_seconds: timeoutField.default(120),
    }),
    output: z.object({
      server_id: z.string(),
      tool: z.string(),
      content: z.array(json).describe("The server's own content; images and audio follow as content of this answer."),
      structured_content: z.unknown().optional(),
      truncated: z.boolean(),
    }),
  }),
} as const;
