/** The persistent shell: one per principal, workspace and profile, living inside its cage. */
import * as z from "zod";
import { checkpointRef, pathField, timeoutField, timestamp, workingDirectoryField } from "../fields.ts";
import { processId } from "../ids.ts";
import { defineTool } from "../tool.ts";

/** Longest command; longer programs belong into a file. */
const maxCommandLength = 131_072;

export const commandField = z
  .string()
  .min(1)
  .max(maxCommandLength)
  .refine((command) => !command.includes("\0"), "A command cannot contain a NUL byte.");

/** A caller's own wish that the owner is asked. */
const confirm = z.literal(true).describe("Ask the owner first, in any case.");
const reason = z.string().min(1).max(1000).describe("Why; shown to the owner, who is asked.");
export const confirmation = z.object({ confirm, reason });

const needs = z
  .object({
    network: z.literal(true).optional(),
    paths: z
      .array(z.object({ path: pathField, write: z.boolean().default(false) }))
      .min(1)
      .max(20)
      .optional(),
    no_cage: z.literal(true).optional().describe("Run outside the sandbox."),
    confirm: confirm.optional(),
    reason,
  })
  .optional()
  .describe("What the sandbox does not give. The command then runs once, in a fresh process.");

/** One word of a program's argument list. */
const wordField = z
  .string()
  .max(maxCommandLength)
  .refine((word) => !word.includes("\0"), "An argument cannot contain a NUL byte.");
/** Linux takes 2 MB of arguments and environment together. */
const maxArguments = 1_000;

export const shellTools = {
  run_command: defineTool({
    name: "run_command",
    title: "Run a command",
    summary:
      "Run a bash command in a persistent shell: directory, variables, functions and virtual environments last between calls. No terminal, stdin is empty, network by allow list. `cmd &` returns at once. For servers and long work use start_process.",
    effect: "executes",
    toolset: "core",
    input: z.object({
      command: commandField,
      working_directory: workingDirectoryField.optional().describe("For this command only."),
      timeout_seconds: timeoutField.optional(),
      on_timeout: z.enum(["kill", "promote"]).default("kill").describe("`promote`: go on as a background process."),
      needs,
    }),
    output: z.object({
      cwd: z.string().describe("The shell's directory after the command."),
      stdout: z.string(),
      stderr: z.string(),
      exit_code: z.number().int().nullable(),
      timed_out: z.boolean(),
      truncated: z.boolean().describe("The middle is left out; process_output with process_id has more."),
      process_id: processId.nullable(),
      shell_restarted: z.boolean().describe("Directory and exports were restored; background jobs go on."),
      checkpoint_id: checkpointRef,
      checkpoint: z.enum(["full", "partial", "off", "not_needed"]),
    }),
  }),
  exec: defineTool({
    name: "exec",
    title: "Run a program",
    summary:
      "Run one program with its arguments exactly as given: no shell, nothing is expanded. It has a sandbox, a clean environment and a /tmp of its own, so that several can run at once. No terminal, stdin is empty, network by allow list.",
    effect: "executes",
    toolset: "full",
    input: z.object({
      program: wordField.min(1).describe("Name on the PATH, or a path."),
      arguments: z.array(wordField).max(maxArguments).default([]),
      working_directory: workingDirectoryField.optional().describe("The workspace when absent."),
      timeout_seconds: timeoutField.optional(),
      needs,
    }),
    output: z.object({
      cwd: z.string(),
      stdout: z.string(),
      stderr: z.string(),
      exit_code: z.number().int().nullable(),
      timed_out: z.boolean(),
      truncated: z.boolean().describe("The middle is left out; process_output with process_id has more."),
      process_id: processId.nullable(),
      started_at: timestamp,
      ended_at: timestamp,
      checkpoint_id: checkpointRef,
      checkpoint: z.enum(["full", "partial", "off", "not_needed"]),
    }),
  }),
  shell_status: defineTool({
    name: "shell_status",
    title: "Shell status",
    summary: "Directory, age and recent commands of the persistent shell; credentials in them are masked.",
    effect: "reads",
    toolset: "full",
    input: z.object({}),
    output: z.object({
      active: z.boolean(),
      busy: z.boolean(),
      cwd: z.string(),
      started_at: timestamp.nullable(),
      recent_commands: z.array(z.string()).describe("The last ten, newest last."),
    }),
  }),
  shell_reset: defineTool({
    name: "shell_reset",
    title: "Reset the shell",
    summary:
      "End the shell with its variables and start afresh, in the workspace or in `path`. Background processes go on.",
    effect: "executes",
    toolset: "full",
    input: z.object({ path: workingDirectoryField.optional() }),
    output: z.object({ cwd: z.string() }),
  }),
} as const;
