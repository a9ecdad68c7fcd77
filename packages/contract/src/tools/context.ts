/** Where an agent is and how to work there: status, instruction files, path rules, notes. */
import * as z from "zod";
import { checkpointRef, pathField } from "../fields.ts";
import { defineTool } from "../tool.ts";

const textFile = z.object({
  path: z.string(),
  source: z.enum(["owner", "project", "import", "rule", "configuration"]),
  content: z.string(),
  truncated: z.boolean(),
});

export const contextTools = {
  agent_status: defineTool({
    name: "agent_status",
    title: "Status",
    summary:
      "Where you are: workspace, roots, permission profile, what the sandbox enforces, undo settings, bridged servers and a short cheat sheet.",
    effect: "reads",
    toolset: "core",
    input: z.object({}),
    output: z.object({
      version: z.string(),
      profile: z.string(),
      description: z.string(),
      workspace: z.string(),
      roots: z.array(z.object({ path: z.string(), write: z.boolean() })),
      sandbox: z.object({ kind: z.string(), enforced: z.array(z.string()), not_enforced: z.array(z.string()) }),
      audit_log: z.string(),
      undo: z.object({ enabled: z.boolean(), max_count: z.number(), max_days: z.number(), max_file_bytes: z.number() }),
      bridged_servers: z.array(z.object({ id: z.string(), state: z.string() })),
      tool_list: z.string().describe("Fingerprint of the tool list."),
      cheat_sheet: z.array(z.string()),
    }),
  }),
  project_context: defineTool({
    name: "project_context",
    title: "Project context",
    summary:
      "Read the project's instruction files (AGENTS.md, CLAUDE.md, rules, their imports), READMEs and key configuration. Call it once before you work in an unknown project.",
    effect: "reads",
    toolset: "core",
    input: z.object({
      path: pathField.optional().describe("Directory to start in; the workspace when absent."),
      max_depth: z.number().int().min(0).max(5).default(3),
      max_bytes_per_file: z.number().int().min(1).max(200_000).default(60_000),
      max_files: z.number().int().min(1).max(200).default(50),
    }),
    output: z.object({
      root: z.string(),
      files: z.array(textFile),
      count: z.number(),
      truncated: z.boolean().describe("More files exist than were returned: start in a subdirectory."),
    }),
  }),
  remember: defineTool({
    name: "remember",
    title: "Remember a note",
    summary:
      "Add one note to the project's instruction file (AGENTS.md, under Notes), for whoever works here later. Undo with rewind.",
    effect: "changes",
    toolset: "core",
    input: z.object({ note: z.string().trim().min(1).max(4000) }),
    output: z.object({ path: z.string(), added: z.string(), checkpoint_id: checkpointRef }),
  }),
  load_path_rules: defineTool({
    name: "load_path_rules",
    title: "Rules of a path",
    summary:
      "The project's rules whose globs cover a path. Ask before you change a file in a part of the project that is new to you.",
    effect: "reads",
    toolset: "full",
    input: z.object({ path: pathField }),
    output: z.object({
      path: z.string(),
      rules: z.array(
        z.object({ path: z.string(), globs: z.array(z.string()), content: z.string(), truncated: z.boolean() }),
      ),
      count: z.number(),
    }),
  }),
} as const;
