/** Which tools a principal is shown and may call. A toolset is a ceiling: `readonly` is an authority, not only a view. */
import {
  includesTool,
  outsideToolset,
  PaddockError,
  type Principal,
  type Tool,
  type ToolsetName,
  toolsetName,
  withMachine,
} from "@paddock/contract";
import { findTool, isHubToolName, type ToolName, tools } from "@paddock/contract/tools";

/** What the list of tools depends on besides the principal. */
export interface ToolContext {
  /** Whether MCP servers are bridged. */
  bridged: boolean;
  machines: number;
}

export interface Wish {
  toolset?: string | undefined;
  workspace?: string | undefined;
}

/** Tools that join `core` only where there is a use for them. */
const joinsCore: ReadonlyMap<string, (context: ToolContext) => boolean> = new Map<
  ToolName,
  (context: ToolContext) => boolean
>([
  ["list_machines", ({ machines }) => machines > 1],
  ["mcp_tools", ({ bridged }) => bridged],
  ["mcp_call", ({ bridged }) => bridged],
]);

const isShown = {
  core: (tool, context) => joinsCore.get(tool.name)?.(context) ?? tool.toolset === "core",
  full: () => true,
  readonly: (tool, context) => tool.effect === "reads" && (joinsCore.get(tool.name)?.(context) ?? true),
  coordinator: (tool) => includesTool("coordinator", tool),
} as const satisfies Record<ToolsetName, (tool: Tool, context: ToolContext) => boolean>;

/** What no machine does, and what two do. */
const namesNoMachine = (name: string): boolean => isHubToolName(name) || name === tools.transfer_file.name;

const lists = new Map<string, readonly Tool[]>();

export function toolsFor({ toolset }: Principal, context: ToolContext): readonly Tool[] {
  const key = `${toolset} ${context.bridged} ${context.machines > 1}`;
  const known = lists.get(key);
  if (known) return known;
  const all: readonly Tool[] = Object.values(tools);
  const shown = all.filter((tool) => tool.audience.includes("agent") && isShown[toolset](tool, context));
  const list =
    context.machines > 1 ? shown.map((tool) => (namesNoMachine(tool.name) ? tool : withMachine(tool))) : shown;
  lists.set(key, list);
  return list;
}

/** Names that prompts for other servers of this kind use, and what does the same here. */
const formerTools: ReadonlyMap<string, ToolName> = new Map([["search_files", "grep"]]);

/** Throws unknown_tool, forbidden or readonly. */
export function mayCall({ toolset, surface }: Principal, name: string): Tool {
  const tool = findTool(name);
  if (!tool) {
    const instead = formerTools.get(name);
    const nextStep = instead === undefined ? undefined : `Use ${instead}.`;
    throw new PaddockError("unknown_tool", `There is no tool ${JSON.stringify(name.slice(0, 64))}.`, nextStep);
  }
  if (!tool.audience.includes(surface === "cli" ? "person" : "agent")) {
    throw new PaddockError("needs_owner", `${name} is for people, not for agents.`);
  }
  if (!includesTool(toolset, tool)) throw outsideToolset(toolset, name);
  return tool;
}

/** `readonly` lists reading tools that `core` does not have, so that it is less than `full` only. */
const includes = {
  full: ["full", "core", "readonly", "coordinator"],
  core: ["core"],
  readonly: ["readonly"],
  coordinator: ["coordinator"],
} as const satisfies Record<ToolsetName, readonly ToolsetName[]>;

/** The same principal with less. Throws forbidden when it would be more, invalid_input for an unknown name. */
export function narrow(principal: Principal, { toolset, workspace }: Wish): Principal {
  if (toolset === undefined && workspace === undefined) return principal;
  return {
    ...principal,
    toolset: toolset === undefined ? principal.toolset : narrowToolset(principal.toolset, toolset),
    workspaces: workspace === undefined ? principal.workspaces : narrowWorkspaces(principal.workspaces, workspace),
  };
}

function narrowToolset(ceiling: ToolsetName, wish: string): ToolsetName {
  const wished = toolsetName.safeParse(wish);
  if (!wished.success) throw new PaddockError("invalid_input", "A toolset is core, full, readonly or coordinator.");
  if (includes[ceiling].some((name) => name === wished.data)) return wished.data;
  throw new PaddockError("forbidden", `A token for ${ceiling} cannot be narrowed to ${wished.data}.`);
}

function narrowWorkspaces(ceiling: readonly string[], wish: string): string[] {
  if (!wish.startsWith("/") || wish.length > 4096) {
    throw new PaddockError("invalid_input", "A workspace is an absolute path.");
  }
  if (ceiling.length === 0 || ceiling.includes(wish)) return [wish];
  throw new PaddockError("forbidden", "The token is not for that workspace.", `Use one of: ${ceiling.join(", ")}.`);
}
