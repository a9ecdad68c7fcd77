/** Undo: what a change replaced is kept, whether a file tool, a command or git made it. */
import * as z from "zod";
import { checkpointRef, timestamp } from "../fields.ts";
import { checkpointId } from "../ids.ts";
import { defineTool } from "../tool.ts";

const entry = z.object({
  id: z.string(),
  created_at: timestamp,
  kind: z.enum(["change", "command", "restore"]),
  title: z.string(),
  tool: z.string(),
  checkpoint: z.enum(["full", "partial"]),
  files: z.number().describe("Files kept by themselves; a snapshot covers the rest."),
  snapshot: z.boolean(),
});

const paths = z.array(z.string());

export const checkpointsTools = {
  rewind: defineTool({
    name: "rewind",
    title: "Rewind",
    summary:
      "Undo. list: checkpoints, newest first. preview: diff that a restore would make. restore: set everything changed since the checkpoint back to what it was just before it; takes a checkpoint first, so it can be undone. status: limits and use. clear: forget your checkpoints up to one, or all of yours.",
    effect: "changes",
    toolset: "core",
    input: z.object({
      action: z.enum(["list", "preview", "restore", "status", "clear"]).default("list"),
      checkpoint_id: checkpointId.optional(),
      limit: z.number().int().min(1).max(200).default(30),
    }),
    output: z.object({
      action: z.string(),
      checkpoints: z.array(entry).optional(),
      more: z.boolean().optional(),
      diff: z.string().optional(),
      truncated: z.boolean().optional(),
      checkpoint_id: checkpointRef.optional(),
      restored: paths.optional(),
      deleted: paths.optional(),
      skipped: z.array(z.object({ path: z.string(), reason: z.string() })).optional(),
      cleared: z.number().optional(),
      status: z
        .object({
          enabled: z.boolean(),
          count: z.number(),
          bytes: z.number(),
          most: z.number(),
          days: z.number(),
          file_bytes: z.number(),
          snapshot: z.string().describe("State of the workspace's snapshots."),
        })
        .optional(),
    }),
  }),
} as const;
