/** Files: read, write, edit, move, delete. */
import * as z from "zod";
import { pathField, revision } from "../fields.ts";
import { defineTool } from "../tool.ts";

export const filesTools = {
  read_text_file: defineTool({
    name: "read_text_file",
    title: "Read a text file",
    summary: "Read a text file.",
    effect: "reads",
    toolset: "core",
    input: z.object({ path: pathField }),
    output: z.object({ path: z.string(), content: z.string(), revision }),
  }),
} as const;
