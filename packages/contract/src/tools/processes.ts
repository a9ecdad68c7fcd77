/** Background processes. Those of one principal and workspace share its cage, so they reach each other over localhost. */
import * as z from "zod";
import { timestamp, workingDirectoryField } from "../fields.ts";
import { processId, runId } from "../ids.ts";
import { defineTool } from "../tool.ts";
import { commandField, confirmation } from "./shell.ts";

const state = z
  .enum(["running", "exited", "lost"])
  .describe("lost: it ended with the runner or its sandbox, how is not known.");
const signalName = z.enum([
  "SIGINT",
  "SIGTERM",
  "SIGKILL",
  "SIGHUP",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGSTOP",
  "SIGCONT",
  "SIGWINCH",
]);
/** What is read of: a process, or the call of a command. */
const printing = z.union([processId, runId], "neither the id of a process (prc_...) nor of a run (run_...)");
const cursor = z.string().regex(/^\d{1,15}\.\d{1,15}$/);
const since = cursor.optional().describe("`cursor` of an earlier answer: only what came after it.");
const maxBytes = z.number().int().min(1).max(1_000_000).default(65_536).describe("Of each stream.");

const ended = { state, exit_code: z.number().int().nullable(), signal: z.string().nullable() };
const output = {
  id: processId,
  ...ended,
  stdout: z.string(),
  stderr: z.string(),
  cursor: cursor.describe("Give it back to go on from here."),
  skipped: z
    .object({ stdout: z.number().int(), stderr: z.number().int() })
    .describe("Bytes before this answer that were dropped."),
  more: z.boolean().describe("More is there already."),
};
export const terminalSize = z.object({ columns: z.number().int(), rows: z.number().int() });
export const process = z.object({
  id: processId,
  pid: z.number().int().nullable().describe("On the host."),
  command: z.string(),
  cwd: z.string(),
  started_at: timestamp,
  ended_at: timestamp.nullable(),
  ...ended,
});

export const processesTools = {
  start_process: defineTool({
    name: "start_process",
    title: "Start a process",
    summary:
      "Start a long-running command in the background, with the shell's exported variables, and return its id at once. Commands of run_command reach its ports on localhost.",
    effect: "executes",
    toolset: "core",
    input: z.object({
      command: commandField,
      working_directory: workingDirectoryField.optional().describe("The shell's own when absent."),
      needs: confirmation.optional(),
    }),
    output: process,
  }),
  process_status: defineTool({
    name: "process_status",
    title: "Processes",
    summary: "The background processes, or the one named: state, exit code, directory.",
    effect: "reads",
    toolset: "full",
    input: z.object({ id: processId.optional() }),
    output: z.object({
      processes: z.array(process.extend({ terminal: terminalSize.nullable().describe("Of a session.") })),
    }),
  }),
  process_output: defineTool({
    name: "process_output",
    title: "Output of a process",
    summary:
      "What a process printed, or a command whose run goes on: after `cursor`, else the last `tail_chars` of each stream.",
    effect: "reads",
    toolset: "core",
    input: z.object({
      id: printing,
      cursor: since,
      tail_chars: z.number().int().min(1).max(200_000).default(40_000),
      max_bytes: maxBytes,
    }),
    output: z.object({ ...output, id: printing }),
  }),
  write_process: defineTool({
    name: "write_process",
    title: "Write to a process",
    summary: "Send text to a process's standard input. End lines with a newline yourself.",
    effect: "executes",
    toolset: "core",
    input: z.object({
      id: processId,
      input: z.string().max(1_000_000),
      close_stdin: z.boolean().default(false).describe("End of input afterwards."),
    }),
    output: z.object({ id: processId, bytes: z.number().int() }),
  }),
  signal_process: defineTool({
    name: "signal_process",
    title: "Signal a process",
    summary: "Send a signal to a process and everything it started; in a session to what runs in the foreground.",
    effect: "executes",
    toolset: "full",
    input: z.object({ id: processId, signal: signalName }),
    output: z.object({ id: processId, sent: signalName, ...ended }),
  }),
  wait_process: defineTool({
    name: "wait_process",
    title: "Wait for a process",
    summary:
      "Wait until a process ends, or with `until: output` prints something, and return what it printed after `cursor`, else the end of it.",
    effect: "reads",
    toolset: "full",
    input: z.object({
      id: processId,
      until: z.enum(["output", "end"]).default("end").describe("`output`: return at the first new output too."),
      cursor: since,
      timeout_seconds: z.number().min(0).max(3600).default(30),
      max_bytes: maxBytes,
    }),
    output: z.object({ ...output, timed_out: z.boolean() }),
  }),
  stop_process: defineTool({
    name: "stop_process",
    title: "Stop a process",
    summary: "End a process with everything it started: asked first, killed after 5 s.",
    effect: "executes",
    toolset: "core",
    input: z.object({ id: processId, force: z.boolean().default(false).describe("Kill at once.") }),
    output: z.object({ id: processId, ...ended, already_ended: z.boolean() }),
  }),
  clear_processes: defineTool({
    name: "clear_processes",
    title: "Forget ended processes",
    summary: "Forget the ended processes and their output.",
    effect: "changes",
    toolset: "full",
    input: z.object({}),
    output: z.object({ cleared: z.number().int() }),
  }),
} as const;
