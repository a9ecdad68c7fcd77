/** Bridged tools have names of their own: calling one is calling mcp_call, so that access, policy and audit see one thing. */
import type { Machine } from "../machines/machine.ts";
import type { CallRequest } from "./runs.ts";

/** `machine` is the one whose bridged tools the caller was shown. */
export function byOwnName(request: CallRequest, machine: Machine | null): CallRequest {
  const tool = machine?.about?.bridgedTools.find(({ name }) => name === request.tool);
  if (!tool || !machine) return request;
  return {
    ...request,
    machine: machine.id,
    tool: "mcp_call",
    input: { server_id: tool.server, tool: tool.tool, arguments: request.input },
  };
}
