/** What a tool is. Everything that shows one (MCP, REST, OpenAPI, command line, web form) is computed from this. */
import type * as z from "zod";
import { PaddockError } from "./errors.ts";
import type { ToolsetName } from "./principal.ts";

/**
 * What a call can do at worst. The annotations that clients show are computed from it, so it has to be true.
 * `reads` changes nothing; `adds` makes something new and touches nothing that is there; `changes` may overwrite or
 * delete on this machine; `executes` runs code; `reaches` sends something off this machine.
 */
export type Effect = "reads" | "adds" | "changes" | "executes" | "reaches";
export type Audience = "agent" | "person";
/** `core` is the short default list; `full` is everything an agent may have. */
export type Toolset = "core" | "full";

export interface Annotations {
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  openWorldHint: boolean;
}

const annotations = {
  reads: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  adds: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  changes: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  executes: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  reaches: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
} as const satisfies Record<Effect, Annotations>;

export const annotationsOf = (effect: Effect): Annotations => annotations[effect];

export interface Tool<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  /** 1 to 64 characters of [a-z0-9_]. */
  name: string;
  title: string;
  /** What the model reads: at most 1,024 characters. */
  summary: string;
  effect: Effect;
  audience: readonly Audience[];
  toolset: Toolset;
  input: I;
  /** The shape of `data` in a finished success; the bare answer where `envelope` is false. */
  output: O;
  /** False for `search` and `fetch` only, whose shape is fixed by the client. */
  envelope: boolean;
}

type Declared<I extends z.ZodType, O extends z.ZodType, N extends string> = Omit<
  Tool<I, O>,
  "audience" | "envelope"
> & {
  name: N;
  audience?: readonly Audience[];
  envelope?: boolean;
};

export function defineTool<I extends z.ZodType, O extends z.ZodType, const N extends string>(
  declared: Declared<I, O, N>,
) {
  return { audience: ["agent", "person"] as const, envelope: true, ...declared };
}

export type ToolInput<T extends Tool> = z.output<T["input"]>;
export type ToolOutput<T extends Tool> = z.input<T["output"]>;

/** Tools outside of `core` that join it where there is a use for them: several machines, bridged servers. */
const joinCore: ReadonlySet<string> = new Set(["list_machines", "mcp_tools", "mcp_call"]);

/** What a coordinator may call: no tool of a machine but those that speak to its owner. */
const coordinates: ReadonlySet<string> = new Set([
  "list_machines",
  "list_runs",
  "get_run",
  "list_notification_channels",
  "send_notification",
]);

/** Whether a toolset, as a ceiling, includes a tool. `readonly` is an authority: whatever may change something is out. */
export const includesTool = (toolset: ToolsetName, tool: Tool): boolean => {
  if (toolset === "readonly") return tool.effect === "reads";
  if (toolset === "coordinator") return coordinates.has(tool.name);
  return toolset === "full" || tool.toolset === "core" || joinCore.has(tool.name);
};

export const outsideToolset = (toolset: ToolsetName, tool: string): PaddockError =>
  toolset === "readonly"
    ? new PaddockError("readonly", `${tool} can change something, and this caller may only read.`)
    : new PaddockError("forbidden", `${tool} is not in the caller's toolset, ${toolset}.`);
