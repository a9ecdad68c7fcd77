/** Files and directories: read, write, list, copy, move, delete. Changes to parts of a file are in `patch.ts`. */
import * as z from "zod";
import { checkpointRef, pathField, postEditHook, revision, revisionField, timestamp, unifiedDiff } from "../fields.ts";
import { defineTool } from "../tool.ts";

const mebibyte = 1024 * 1024;
/** Most raw bytes that one answer carries as base64. */
const maxRawBytes = 4 * mebibyte;
/** Most bytes that one write takes. */
const maxWriteBytes = 16 * mebibyte;

const line = z.number().int().min(1);
const lines = z.number().int().min(1).max(100_000).optional();
const byteCount = z.number().int().min(0);
const overwrite = z.boolean().default(false);
const entryType = z.enum(["file", "directory", "symlink", "other"]);
const ignore = z.array(z.string().min(1).max(512)).max(50).default([]).describe("Globs of entries to leave out.");
const kept = { checkpoint_id: checkpointRef, warnings: z.array(z.string()) };
const written = {
  path: z.string(),
  bytes: byteCount,
  created: z.boolean(),
  revision,
  ...kept,
  post_edit_hooks: z.array(postEditHook).optional(),
};
const between = z.object({ source: pathField, destination: pathField, overwrite });
const moved = z.object({ source: z.string(), destination: z.string(), ...kept });

export const filesTools = {
  read_text_file: defineTool({
    name: "read_text_file",
    title: "Read a text file",
    summary:
      "Read a text file, or an image as an image. Plain: the content as it is, up to 1 MiB. With `offset` or `limit`: numbered lines. `head` or `tail`: the first or last lines. Where `truncated`, go on at next_offset.",
    effect: "reads",
    toolset: "core",
    input: z.object({
      path: pathField,
      offset: line.optional().describe("First line, from 1."),
      limit: lines,
      head: lines,
      tail: lines,
    }),
    output: z.object({
      path: z.string(),
      content: z.string(),
      size: byteCount.describe("Of the whole file, in bytes."),
      lines: byteCount.optional().describe("In this answer, when a part was asked for."),
      truncated: z.boolean().describe("There is more than this answer holds."),
      next_offset: line.nullable(),
      revision: z.string().nullable().describe("Hash of the whole content; null beyond 8 MiB."),
      mime_type: z.string().optional().describe("Of an image, which follows as image content."),
    }),
  }),
  read_file_base64: defineTool({
    name: "read_file_base64",
    title: "Read bytes",
    summary: "Read a part of any file as base64, 1 MiB when no length is given. Go on at next_offset until done.",
    effect: "reads",
    toolset: "full",
    input: z.object({
      path: pathField,
      offset: byteCount.default(0),
      length: z.number().int().min(1).max(maxRawBytes).default(mebibyte),
    }),
    output: z.object({
      path: z.string(),
      size: byteCount,
      offset: byteCount,
      bytes_read: byteCount,
      next_offset: byteCount.nullable(),
      done: z.boolean(),
      encoding: z.literal("base64"),
      content: z.string(),
    }),
  }),
  write_file: defineTool({
    name: "write_file",
    title: "Write a file",
    summary:
      "Create a text file or replace its whole content, parent directories included. To change a part, use edit_file.",
    effect: "changes",
    toolset: "core",
    input: z.object({ path: pathField, content: z.string().max(maxWriteBytes), expected_revision: revisionField }),
    output: z.object({
      ...written,
      diff: unifiedDiff.optional().describe("Where text was replaced."),
      diff_truncated: z.boolean().optional(),
    }),
  }),
  write_file_base64: defineTool({
    name: "write_file_base64",
    title: "Write bytes",
    summary: "Create or replace a file from base64. Send a large one in parts, with `append` from the second on.",
    effect: "changes",
    toolset: "full",
    input: z.object({
      path: pathField,
      content: z.base64().max(Math.ceil(maxWriteBytes / 3) * 4),
      append: z.boolean().default(false),
      expected_revision: revisionField,
    }),
    output: z.object({ ...written, revision: z.string().nullable().describe("Null after append."), size: byteCount }),
  }),
  list_directory: defineTool({
    name: "list_directory",
    title: "List a directory",
    summary: "Names, types and sizes in a directory, hidden ones included, sorted by name.",
    effect: "reads",
    toolset: "core",
    input: z.object({
      path: pathField.default("."),
      ignore,
      offset: byteCount.default(0),
      limit: z.number().int().min(1).max(5000).default(1000),
    }),
    output: z.object({
      path: z.string(),
      entries: z.array(
        z.object({ name: z.string(), type: entryType, size: byteCount.optional(), modified_at: timestamp }),
      ),
      count: byteCount.describe("Of all that match."),
      truncated: z.boolean(),
      next_offset: byteCount.nullable(),
    }),
  }),
  directory_tree: defineTool({
    name: "directory_tree",
    title: "Directory tree",
    summary: "Nested tree of a directory, at most 5000 entries. Leaves out dot files and node_modules unless asked.",
    effect: "reads",
    toolset: "full",
    input: z.object({
      path: pathField.default("."),
      max_depth: z.number().int().min(1).max(32).default(4),
      include_hidden: z.boolean().default(false),
      ignore,
    }),
    output: z.object({
      path: z.string(),
      tree: z
        .looseObject({ name: z.string(), type: entryType })
        .describe("{name, type, children} or {name, type, truncated: true}."),
      max_depth: z.number().int(),
      count: byteCount,
      truncated: z.boolean(),
    }),
  }),
  create_directory: defineTool({
    name: "create_directory",
    title: "Create a directory",
    summary: "Create a directory and its parents. One that exists already is fine.",
    effect: "adds",
    toolset: "full",
    input: z.object({ path: pathField }),
    output: z.object({ path: z.string(), created: z.boolean() }),
  }),
  copy_file: defineTool({
    name: "copy_file",
    title: "Copy a file",
    summary:
      "Copy a file, parent directories of the destination included. An existing one is refused unless `overwrite`.",
    effect: "changes",
    toolset: "full",
    input: between,
    output: moved,
  }),
  move_file: defineTool({
    name: "move_file",
    title: "Move or rename",
    summary:
      "Move or rename a file or directory, across file systems too. An existing file is refused unless `overwrite`.",
    effect: "changes",
    toolset: "core",
    input: between,
    output: moved,
  }),
  delete_file: defineTool({
    name: "delete_file",
    title: "Delete a file",
    summary: "Delete a file or a symbolic link. rewind brings it back.",
    effect: "changes",
    toolset: "core",
    input: z.object({ path: pathField }),
    output: z.object({ path: z.string(), ...kept }),
  }),
  delete_directory: defineTool({
    name: "delete_directory",
    title: "Delete a directory",
    summary: "Delete an empty directory; with `recursive` all that is in it, too. rewind brings it back.",
    effect: "changes",
    toolset: "full",
    input: z.object({ path: pathField, recursive: z.boolean().default(false) }),
    output: z.object({ path: z.string(), ...kept }),
  }),
  list_allowed_directories: defineTool({
    name: "list_allowed_directories",
    title: "Allowed directories",
    summary: "The roots that can be reached, whether they can be written, and the permission profile in force.",
    effect: "reads",
    toolset: "full",
    input: z.object({}),
    output: z.object({
      profile: z.string(),
      workspace: z.string().describe("Where relative paths start."),
      roots: z.array(z.object({ path: z.string(), write: z.boolean() })),
    }),
  }),
} as const;
