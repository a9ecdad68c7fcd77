/**
 * Sessions: background processes with a terminal of their own. The tools of processes read, write, signal, await and stop
 * them; what is printed is one stream, stdout.
 */
import * as z from "zod";
import { workingDirectoryField } from "../fields.ts";
import { processId } from "../ids.ts";
import { defineTool } from "../tool.ts";
import { process, terminalSize } from "./processes.ts";
import { commandField } from "./shell.ts";

const side = z.number().int().min(1).max(1_000);

export const sessionsTools = {
  start_session: defineTool({
    name: "start_session",
    title: "Start a session",
    summary:
      "Start a program in a terminal of its own, such as an interactive shell, a REPL, an editor, and return its id at once. write_process types (\\u0003 is Ctrl-C), wait_process with `until: output` and process_output read; it is a process in all else.",
    effect: "executes",
    toolset: "full",
    input: z.object({
      command: commandField.default("bash"),
      working_directory: workingDirectoryField.optional().describe("The shell's own when absent."),
      columns: side.default(80),
      rows: side.default(24),
    }),
    output: process.extend({ terminal: terminalSize }),
  }),
  resize_session: defineTool({
    name: "resize_session",
    title: "Resize a session",
    summary: "Change the size of a session's terminal; the program in its foreground is told.",
    effect: "executes",
    toolset: "full",
    input: z.object({ id: processId, columns: side, rows: side }),
    output: z.object({ id: processId, terminal: terminalSize }),
  }),
} as const;
