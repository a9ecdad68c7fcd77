/** Bridged tools under names of their own, for the list of tools that every client carries: bounded, or called by mcp_call. */
import { type BridgedTool, bridgedTool } from "@paddock/contract/link";
import type { Server } from "./config.ts";
import { type Declaration, isNamed, type ToolLists } from "./tool-list.ts";

const maxTools = 128;
const maxBytes = 256 * 1024;
const maxDescription = 1024;
const maxTitle = 128;

/** Tools whose names or sizes do not fit are left out; mcp_tools shows them all the same. */
export function namedTools(servers: readonly Server[], lists: Pick<ToolLists, "named">): BridgedTool[] {
  const all = servers
    .filter(isNamed)
    .flatMap((server) => (lists.named(server) ?? []).map((tool) => named(server, tool)));
  const fitting = all.filter((tool) => tool !== null).slice(0, maxTools);
  let bytes = 0;
  const cut = fitting.findIndex((tool) => {
    bytes += JSON.stringify(tool).length;
    return bytes > maxBytes;
  });
  return cut < 0 ? fitting : fitting.slice(0, cut);
}

function named({ id }: Server, { name, title, description, inputSchema }: Declaration): BridgedTool | null {
  const tool = bridgedTool.safeParse({
    ...{ name: `${id}__${name}`, server: id, tool: name, inputSchema },
    description: description.slice(0, maxDescription),
    ...(title === undefined ? {} : { title: title.slice(0, maxTitle) }),
  });
  return tool.success ? tool.data : null;
}
