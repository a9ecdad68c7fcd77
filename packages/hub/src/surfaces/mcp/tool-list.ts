/** Tools as MCP shows them. */
import { annotationsOf, inputSchemaOf, outputSchemaOf, type Tool } from "@paddock/contract";

export interface ToolEntry {
  name: string;
  title: string;
  description: string;
  inputSchema: object;
  outputSchema: object;
  annotations: object;
}

export function toolEntry(tool: Tool): ToolEntry {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.summary,
    inputSchema: inputSchemaOf(tool),
    outputSchema: outputSchemaOf(tool),
    annotations: annotationsOf(tool.effect),
  };
}

const kept = 32;

/**
 * Makes the JSON array of a `tools/list` result. Lists are few (one per toolset and state of the machine) and asked for
 * often, so each is built once.
 */
export function toolLists(more: readonly object[] = []): (tools: readonly Tool[]) => Buffer {
  const lists = new Map<string, Buffer>();
  return (tools) => {
    const key = tools.map((tool) => tool.name).join();
    const known = lists.get(key);
    if (known) return known;
    if (lists.size >= kept) lists.clear();
    const list = Buffer.from(JSON.stringify([...tools.map(toolEntry), ...more]));
    lists.set(key, list);
    return list;
  };
}
