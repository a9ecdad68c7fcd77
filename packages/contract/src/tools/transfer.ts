/** Files from one machine to another, through the hub. */
import * as z from "zod";
import { checkpointRef, pathField, timeoutField } from "../fields.ts";
import { machineField } from "../several-machines.ts";
import { defineTool } from "../tool.ts";

const wholeTransfer = timeoutField.default(3_600).describe("For the whole transfer.");

export const transferTools = {
  transfer_file: defineTool({
    name: "transfer_file",
    title: "Transfer a file",
    summary:
      "Copy a file from one machine to another. It appears under its name when it is whole and its hash is right. After an interruption the same call goes on where it ended.",
    effect: "changes",
    toolset: "full",
    input: z.object({
      from_machine: machineField.optional().describe("list_machines names them; the only one when absent."),
      from_path: pathField,
      to_machine: machineField.optional(),
      to_path: pathField.describe("Of the file itself, not of a directory."),
      overwrite: z.boolean().default(false),
      timeout_seconds: wholeTransfer,
    }),
    output: z.object({
      path: z.string(),
      size: z.number().int(),
      sha256: z.string(),
      created: z.boolean(),
      resumed_from: z.number().int().describe("Bytes that an earlier call had brought."),
      checkpoint_id: checkpointRef,
      warnings: z.array(z.string()),
    }),
  }),
} as const;

/** What the hub calls on a machine for a tool of another one. No caller can: no list shows them and no surface knows them. */
export const errandTools = {
  send_file: defineTool({
    name: "send_file",
    title: "Send a file",
    summary: "Send a file to the other machine of a transfer.",
    effect: "reads",
    toolset: "full",
    audience: [],
    input: z.object({ path: pathField, timeout_seconds: wholeTransfer }),
    output: z.object({ path: z.string(), size: z.number().int(), sha256: z.string() }),
  }),
} as const;
