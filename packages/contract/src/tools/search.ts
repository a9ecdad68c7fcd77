/** Finding files by name and by content. Both honour ignore files and skip hidden files unless asked otherwise. */
import * as z from "zod";
import { pathField } from "../fields.ts";
import { defineTool } from "../tool.ts";

const count = z.number().int().min(0);
const flag = z.boolean().default(false);
const contextLines = z.number().int().min(0).max(20).default(0);
const globField = z.string().min(1).max(1024);
const shown = {
  include_hidden: flag.describe("Dot files too."),
  include_ignored: flag.describe("What .gitignore excludes, too."),
};

export const searchTools = {
  glob: defineTool({
    name: "glob",
    title: "Find files by name",
    summary: "Find files whose path matches a glob such as `src/**/*.ts` or `*.{md,txt}`, the newest first.",
    effect: "reads",
    toolset: "core",
    input: z.object({
      pattern: globField.describe("Without a slash it matches at any depth."),
      path: pathField.optional().describe("Directory to search; the workspace when absent."),
      max_results: z.number().int().min(1).max(500).default(100),
      ...shown,
    }),
    output: z.object({
      path: z.string(),
      pattern: z.string(),
      matches: z.array(z.string()),
      count,
      truncated: z.boolean(),
    }),
  }),
  grep: defineTool({
    name: "grep",
    title: "Search in files",
    summary:
      "Search file contents with a regular expression (Rust syntax, linear time). Skips binary, hidden and ignored files.",
    effect: "reads",
    toolset: "core",
    input: z.object({
      pattern: z.string().min(1).max(4096),
      path: pathField.optional().describe("File or directory; the workspace when absent."),
      glob: globField.optional().describe("Only files that match, such as `*.ts`; `!` in front excludes."),
      output_mode: z.enum(["content", "files_with_matches", "count"]).default("content"),
      case_insensitive: flag,
      fixed_string: flag.describe("Take the pattern literally."),
      multiline: flag.describe("Let a match span lines."),
      head_limit: z.number().int().min(1).max(1000).default(200),
      context_before: contextLines,
      context_after: contextLines,
      context_around: contextLines,
      ...shown,
    }),
    output: z.object({
      path: z.string(),
      pattern: z.string(),
      output_mode: z.string(),
      matches: z
        .array(z.object({ path: z.string(), line: count, text: z.string(), context: z.literal(true).optional() }))
        .optional(),
      files: z.array(z.string()).optional(),
      counts: z.array(z.object({ path: z.string(), count })).optional(),
      count: count.describe("Of the matching lines or files listed."),
      truncated: z.boolean().describe("There may be more; narrow the search or raise head_limit."),
      timed_out: z.boolean(),
    }),
  }),
} as const;
