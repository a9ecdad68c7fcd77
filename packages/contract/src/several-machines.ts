/** What callers see who may use several machines. */
import * as z from "zod";
import type { Tool } from "./tool.ts";

/** Names a machine by its alias or its id. */
export const machineField = z.string().min(1).max(64);

/**
 * The same tool with a field that names the machine. The hub takes it off before a runner sees the input, so that no handler
 * knows it; where there is one machine nobody is shown it.
 */
export function withMachine(tool: Tool): Tool {
  if (!(tool.input instanceof z.ZodObject)) return tool;
  const machine = machineField.optional().describe("Which machine; list_machines names them.");
  return { ...tool, input: tool.input.extend({ machine }) };
}
