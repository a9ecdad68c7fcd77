/** Changes to text files: find and replace, regular expressions, patches. Each answers with a unified diff and a checkpoint. */
import * as z from "zod";
import {
  checkpointRef,
  dryRunField,
  matchTiers,
  pathField,
  postEditHook,
  revision,
  revisionField,
  unifiedDiff,
} from "../fields.ts";
import { defineTool } from "../tool.ts";

const maxFileCharacters = 5 * 1024 * 1024;
const maxPatchCharacters = 32 * 1024 * 1024;

const replacement = {
  old_text: z.string().min(1).max(maxFileCharacters).describe("Exactly as in the file, with indentation."),
  new_text: z.string().max(maxFileCharacters).describe("Taken literally."),
  replace_all: z.boolean().default(false),
};

const change = {
  diff: unifiedDiff,
  diff_truncated: z.boolean(),
};

const answer = {
  dry_run: z.boolean(),
  checkpoint_id: checkpointRef,
  warnings: z.array(z.string()),
  post_edit_hooks: z.array(postEditHook).optional(),
};

const match = z.enum(matchTiers).describe("What had to be ignored to match.");
const replaced = { path: z.string(), ...change, replacements: z.number().int(), revision, ...answer };

export const patchTools = {
  edit_file: defineTool({
    name: "edit_file",
    title: "Edit a file",
    summary:
      "Replace literal text in a text file. The old text must occur exactly once unless replace_all is set; include surrounding lines to make it unique.",
    effect: "changes",
    toolset: "core",
    input: z.object({ path: pathField, ...replacement, dry_run: dryRunField, expected_revision: revisionField }),
    output: z.object({ ...replaced, match }),
  }),
  multi_edit: defineTool({
    name: "multi_edit",
    title: "Edit a file in several places",
    summary:
      "Make several literal replacements in one text file, in order, all or none. Each sees the result of those before it.",
    effect: "changes",
    toolset: "core",
    input: z.object({
      path: pathField,
      edits: z.array(z.object(replacement)).min(1).max(500),
      dry_run: dryRunField,
      expected_revision: revisionField,
    }),
    output: z.object({ ...replaced, edits: z.number().int(), match }),
  }),
  replace_regex: defineTool({
    name: "replace_regex",
    title: "Replace by regular expression",
    summary:
      "Replace what a regular expression matches in a text file. RE2 syntax: no look-around, no back-references in the pattern. In the replacement $1, $<name>, $& and $$ work.",
    effect: "changes",
    toolset: "full",
    input: z.object({
      path: pathField,
      pattern: z.string().min(1).max(2000),
      replacement: z.string().max(100_000),
      flags: z
        .string()
        .regex(/^[gimsu]{0,5}$/)
        .default("g")
        .describe("g all matches, i ignore case, m ^ and $ at lines, s dot matches newline."),
      dry_run: dryRunField,
      expected_revision: revisionField,
    }),
    output: z.object(replaced),
  }),
  apply_patch: defineTool({
    name: "apply_patch",
    title: "Apply a patch",
    summary: [
      "Change one or many text files with a patch, all or nothing. Either this format:",
      "*** Begin Patch",
      "*** Update File: src/a.ts",
      "*** Move to: src/b.ts (optional)",
      "@@ function name (optional anchor line)",
      " unchanged line",
      "-old line",
      "+new line",
      "*** Add File: new.txt",
      "+content",
      "*** Delete File: old.txt",
      "*** End Patch",
      "or a unified diff as git writes it, or bare @@ hunks with `path`. Give about three unchanged lines around each change; they must match the file. Line numbers are only a hint.",
    ].join("\n"),
    effect: "changes",
    toolset: "core",
    input: z.object({
      path: pathField
        .optional()
        .describe("The file for bare hunks, else the directory that names start at; the workspace when absent."),
      patch: z.string().min(1).max(maxPatchCharacters),
      dry_run: dryRunField,
      expected_revisions: z
        .record(pathField, z.string().max(80))
        .optional()
        .describe("Revision that a file must still have, by its name in the patch."),
    }),
    output: z.object({
      files: z.array(
        z.object({
          path: z.string(),
          operation: z.enum(["add", "update", "delete", "move", "copy"]),
          from: z.string().optional(),
          ...change,
          revision: z.string().nullable(),
          match,
        }),
      ),
      ...answer,
    }),
  }),
} as const;
