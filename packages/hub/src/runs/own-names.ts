/** Bridged tools have names of their own: calling one is calling mcp_call, so that access, policy and audit see one thing. */
import type { About } from "../machines/machine.ts";
import type { CallRequest } from "./runs.ts";

export function byOwnName(request: CallRequest, about: About | null): CallRequest {
  const tool = about?.bridgedTools.find(({ name }) => name === request.tool);
  if (!tool) return request;
  return { ...request, tool: "mcp_call", input: { server_id: tool.server, tool: tool.tool, arguments: request.input } };
}
