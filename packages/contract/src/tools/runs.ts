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
  batch: defineTool({
    name: "batch",
    title: "Run a batch of calls",
    summary:
      "Make many calls as one: all are checked, and the owner is asked about all that need it, before any runs; when one is refused none runs. Each is a run of its own. The answer has what became of each, and long data only by get_run.",
    effect: "executes",
    toolset: "full",
    input: z.object({
      calls: z
        .array(
          z.object({
            tool: z.string().min(1).max(64).describe("One of a single machine."),
            input: z.record(z.string(), z.unknown()).default({}).describe("As in a call of its own."),
            idempotency_key: z.string().min(1).max(200).optional(),
          }),
        )
        .min(1)
        .max(100),
      order: z.enum(["sequential", "parallel"]).default("sequential"),
      concurrency: z.number().int().min(1).max(16).default(4).describe("At once, where order is parallel."),
      fail_fast: z.boolean().default(false).describe("After a failure or a non-zero exit code start no other."),
    }),
    output: z.object({
      outcome: z.enum(["completed", "partly_failed"]),
      succeeded: z.number().int(),
      failed: z.number().int(),
      not_run: z.number().int(),
      results: z.array(
        z.object({
          index: z.number().int(),
          tool: z.string(),
          machine: z.string().nullable(),
          run_id: runId,
          ran: z.boolean(),
          state: runState,
          ok: z.boolean(),
          summary: z.string(),
          data: z.unknown().describe("Of the tool's own answer; null where it is too long here."),
          truncated: z.boolean(),
        }),
      ),
    }),
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
          last_seen_at: z.string().nullable(),
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
