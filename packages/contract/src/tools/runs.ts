/** Runs and machines: what the hub answers itself, without asking a machine. */
import * as z from "zod";
import { timestamp } from "../fields.ts";
import { runId } from "../ids.ts";
import { runState } from "../run.ts";
import { defineTool } from "../tool.ts";
import { longestRunWaitSeconds } from "../waits.ts";

export const runsTools = {
  get_run: defineTool({
    name: "get_run",
    title: "Wait for a run",
    summary:
      "Fetch the answer of an earlier call that was not finished in time, by its run_id. Waits up to wait_seconds; the answer is the original tool's own, or again says that it is still running.",
    effect: "reads",
    toolset: "core",
    input: z.object({
      id: runId.describe("The run_id from an earlier answer."),
      wait_seconds: z.number().int().min(0).max(longestRunWaitSeconds).default(20),
    }),
    output: z.looseObject({}).describe("The data of the tool that was called."),
  }),
  list_runs: defineTool({
    name: "list_runs",
    title: "List calls",
    summary:
      "List your own calls, newest first: what runs or waits for the owner, and how the others ended. get_run fetches an answer.",
    effect: "reads",
    toolset: "full",
    input: z.object({
      open: z.boolean().default(false).describe("Only those that have not ended."),
      cursor: runId.optional().describe("`next_cursor` of the answer before: older ones."),
      limit: z.number().int().min(1).max(200).default(50),
    }),
    output: z.object({
      runs: z.array(
        z.object({
          id: runId,
          tool: z.string(),
          state: runState,
          ok: z.boolean().nullable(),
          workspace: z.string().nullable(),
          created_at: timestamp,
          finished_at: timestamp.nullable(),
        }),
      ),
      next_cursor: runId.nullable().describe("Null when these are the oldest."),
    }),
  }),
  list_machines: defineTool({
    name: "list_machines",
    title: "List machines",
    summary: "List the machines that can be worked on, and whether each is online.",
    effect: "reads",
    toolset: "full",
    input: z.object({}),
    output: z.object({
      machines: z.array(
        z.object({
          id: z.string(),
          name: z.string().describe("Give it as `machine`."),
          labels: z.array(z.string()),
          online: z.boolean(),
          disabled: z.boolean(),
          workspace: z.string().nullable(),
          roots: z.array(z.object({ path: z.string(), write: z.boolean() })),
          profile: z.string().nullable(),
          sandbox: z.string().nullable(),
        }),
      ),
    }),
  }),
} as const;
