/** Bridged tools under names of their own, for the list of tools that every client carries: bounded, or called by mcp_call. */
import { type BridgedTool, bridgedTool } from "@paddock/contract/link";
import type { Server } from "./config.ts";
import { type Declaration, isNamed, type ToolLists } from "./tool-list.ts";

const maxTools = 128;
const maxBytes = 256 * 1024;
const maxDescription = 1024;
const maxTitle = 128;

/** Tools whose names or sizes do not fit, or whose names could be those of two, are left out; mcp_tools shows them all the same. */
export function namedTools(servers: readonly Server[], lists: Pick<ToolLists, "named">): BridgedTool[] {
  const all = servers
    .filter(isNamed)
    .flatMap((server) => (lists.named(server) ?? []).map((tool) => named(server, tool)));
  const fitting = unmistakable(all.filter((tool) => tool !== null)).slice(0, maxTools);
  let bytes = 0;
  const cut = fitting.findIndex((tool) => {
    bytes += JSON.stringify(tool).length;
    return bytes > maxBytes;
  });
  return cut < 0 ? fitting : fitting.slice(0, cut);
}

/** A server `a` with a tool `b__c` would otherwise be called in the place of tool `c` of a server `a__b`. */
function unmistakable(tools: readonly BridgedTool[]): BridgedTool[] {
  const byName = Map.groupBy(tools, ({ name }) => name);
  return tools.filter(({ name }) => byName.get(name)?.length === 1);
}

function named({ id }: Server, { name, title, description, inputSchema }: Declaration): BridgedTool | null {
  const tool = bridgedTool.safeParse({
    ...{ name: `${id}__${name}`, server: id, tool: name, inputSchema },
    description: description.slice(0, maxDescription),
    ...(title === undefined ? {} : { title: title.slice(0, maxTitle) }),
  });
  return tool.success ? tool.data : null;
}
