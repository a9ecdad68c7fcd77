/** Bridged tools under names of their own, for the list of tools that every client carries: bounded, or called by mcp_call. */
import { type BridgedTool, bridgedTool } from "@paddock/contract/link";
import type { Server } from "./config.ts";
import { type Declaration, isNamed, type ToolLists } from "./tool-list.ts";

const maxTools = 128;
const maxBytes = 256 * 1024;
const maxDescription = 1024;
const maxTitle = 128;

/** Tools whose names or sizes do not fit, or that another server's could be taken for, are left out; mcp_tools shows them all. */
export function namedTools(servers: readonly Server[], lists: Pick<ToolLists, "named">): BridgedTool[] {
  const all = servers
    .filter(isNamed)
    .flatMap((server) => (lists.named(server) ?? []).map((tool) => named(server, tool)));
  const own = all.filter((tool) => tool !== null).filter((tool) => !isAnothers(tool, servers));
  const fitting = [...new Map(own.map((tool) => [tool.name, tool])).values()].slice(0, maxTools);
  let bytes = 0;
  const cut = fitting.findIndex((tool) => {
    bytes += JSON.stringify(tool).length;
    return bytes > maxBytes;
  });
  return cut < 0 ? fitting : fitting.slice(0, cut);
}

/**
 * A server `a` with a tool `b__c` would otherwise be called in the place of tool `c` of a server `a__b`, at least until the
 * tools of that one are known. What begins with the longer id is the longer one's, whoever has it.
 */
const isAnothers = (tool: BridgedTool, servers: readonly Server[]): boolean =>
  servers.some(({ id }) => id.length > tool.server.length && tool.name.startsWith(`${id}__`));

function named({ id }: Server, { name, title, description, inputSchema }: Declaration): BridgedTool | null {
  const tool = bridgedTool.safeParse({
    ...{ name: `${id}__${name}`, server: id, tool: name, inputSchema },
    description: description.slice(0, maxDescription),
    ...(title === undefined ? {} : { title: title.slice(0, maxTitle) }),
  });
  return tool.success ? tool.data : null;
}
