/** Who asks. A value that is passed down from the surface that checked it, never looked up again on the way. */
import * as z from "zod";

/** `coordinator` sees machines and its own calls and can tell the owner something, but runs nothing on a machine. */
export const toolsets = ["core", "full", "readonly", "coordinator"] as const;
export const toolsetName = z.enum(toolsets);
export type ToolsetName = z.infer<typeof toolsetName>;

/** What a token is for: calling tools, or reading what the hub counts. */
export const tokenScope = z.enum(["calls", "metrics"]);
export type TokenScope = z.infer<typeof tokenScope>;

export const surfaces = ["mcp", "rest", "stdio", "cli"] as const;

export const principal = z.object({
  /** Stable over time: a token's id, or `owner` for the machine's own account. */
  id: z.string().min(1).max(128),
  name: z.string().max(128),
  surface: z.enum(surfaces),
  /** A ceiling on what may be called: requests can only narrow it. */
  toolset: toolsetName,
  /** Absolute paths of the roots this principal may use; empty means every root of the machine. */
  workspaces: z.array(z.string().max(4096)).max(64),
  /** Ids of the machines this principal may use; every one when absent. */
  machines: z.array(z.string().max(64)).max(64).optional(),
});
export type Principal = z.infer<typeof principal>;

/** Id of whoever reaches Paddock through the owner's own account. */
export const ownerId = "owner";
