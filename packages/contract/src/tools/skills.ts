/** Skills: folders with instructions and scripts for a kind of task. */
import * as z from "zod";
import { checkpointRef, pathField, timeoutField } from "../fields.ts";
import { defineTool } from "../tool.ts";

const skillName = z.string().min(1).max(64);

export const skillsTools = {
  skill_list: defineTool({
    name: "skill_list",
    title: "List skills",
    summary:
      "The skills of this machine and workspace: named instructions, some with scripts, for particular kinds of task.",
    effect: "reads",
    toolset: "full",
    input: z.object({}),
    output: z.object({
      skills: z.array(
        z.object({ name: z.string(), description: z.string(), source: z.enum(["owner", "project"]), path: z.string() }),
      ),
      count: z.number(),
      truncated: z.boolean(),
    }),
  }),
  skill_read: defineTool({
    name: "skill_read",
    title: "Read a skill",
    summary: "A skill's instructions (SKILL.md) and the list of its files, or one of those files.",
    effect: "reads",
    toolset: "full",
    input: z.object({
      name: skillName,
      file: pathField.optional().describe("A file of the skill; SKILL.md when absent."),
      offset: z.number().int().min(0).default(0).describe("Byte to start at."),
    }),
    output: z.object({
      name: z.string(),
      source: z.enum(["owner", "project"]),
      file: z.string(),
      content: z.string(),
      next_offset: z.number().nullable(),
      files: z.array(z.string()),
    }),
  }),
  skill_run: defineTool({
    name: "skill_run",
    title: "Run a skill's script",
    summary:
      "Run a script of a skill in the sandbox, started in the workspace. What came with the workspace runs only after the owner approved its content.",
    effect: "executes",
    toolset: "full",
    input: z.object({
      name: skillName,
      script: pathField.describe("Path inside the skill, such as scripts/check.sh."),
      arguments: z.array(z.string().max(8192)).max(64).default([]),
      timeout_seconds: timeoutField.default(120),
    }),
    output: z.object({
      name: z.string(),
      script: z.string(),
      exit_code: z.number().nullable(),
      stdout: z.string(),
      stderr: z.string(),
      timed_out: z.boolean(),
      truncated: z.boolean(),
      checkpoint_id: checkpointRef,
    }),
  }),
} as const;
