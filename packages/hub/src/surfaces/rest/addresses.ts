/**
 * Addresses of the REST surface that stand for one tool each. What a path names, and for a GET what the query names, is part of
 * the tool's input; all else about such a call is the tool's: who may make it, how it is recorded, what it answers.
 */
import type { ToolName } from "@paddock/contract/tools";

export interface Address {
  method: "GET" | "POST";
  /** `:name` stands for the field of that name of the tool's input. */
  path: string;
  tool: ToolName;
  /** What a generated client calls it; unlike any tool's name, however the client spells that. */
  operationId: string;
}

export const addresses: readonly Address[] = [
  { method: "GET", path: "/api/v1/machines", tool: "list_machines", operationId: "getMachines" },
  { method: "GET", path: "/api/v1/runs", tool: "list_runs", operationId: "getRuns" },
  { method: "GET", path: "/api/v1/runs/:id/output", tool: "process_output", operationId: "readRunOutput" },
  { method: "POST", path: "/api/v1/exec", tool: "exec", operationId: "execProgram" },
  { method: "POST", path: "/api/v1/batch", tool: "batch", operationId: "runBatch" },
  // A session is a process with a terminal, so that these take the id of any process.
  { method: "POST", path: "/api/v1/sessions", tool: "start_session", operationId: "openSession" },
  { method: "GET", path: "/api/v1/sessions", tool: "process_status", operationId: "getSessions" },
  { method: "GET", path: "/api/v1/sessions/:id/output", tool: "process_output", operationId: "readSession" },
  { method: "GET", path: "/api/v1/sessions/:id/wait", tool: "wait_process", operationId: "waitForSession" },
  { method: "POST", path: "/api/v1/sessions/:id/input", tool: "write_process", operationId: "writeToSession" },
  { method: "POST", path: "/api/v1/sessions/:id/size", tool: "resize_session", operationId: "setSessionSize" },
  { method: "POST", path: "/api/v1/sessions/:id/signals", tool: "signal_process", operationId: "signalSession" },
  { method: "POST", path: "/api/v1/sessions/:id/stop", tool: "stop_process", operationId: "stopSession" },
  { method: "GET", path: "/api/v1/mcp/servers", tool: "mcp_servers", operationId: "getMcpServers" },
  { method: "POST", path: "/api/v1/mcp/servers/:server_id/tools", tool: "mcp_tools", operationId: "readMcpTools" },
  {
    method: "POST",
    path: "/api/v1/mcp/servers/:server_id/tools/:tool",
    tool: "mcp_call",
    operationId: "callMcpTool",
  },
  {
    method: "GET",
    path: "/api/v1/notifications/channels",
    tool: "list_notification_channels",
    operationId: "getNotificationChannels",
  },
  { method: "POST", path: "/api/v1/notifications", tool: "send_notification", operationId: "notifyOwner" },
];

/** The fields of a tool's input that its address names. */
export const namesIn = ({ path }: Address): string[] => [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
