/** Git, on a repository beneath a root. Contained; only a network remote leaves the cage, and that is asked about. */
import * as z from "zod";
import { checkpointRef, pathField, timestamp } from "../fields.ts";
import { defineTool } from "../tool.ts";

const where = pathField.optional().describe("A directory in the repository; the workspace when absent.");
const files = z.array(pathField).min(1).max(1000).describe("Relative to `path`; taken literally, no patterns.");
const name = z.string().min(1).max(255);
const revision = z.string().min(1).max(500);
const remote = name.default("origin");
const text = z.string();
const hash = z.string();
const checkpoint = z.enum(["full", "partial", "off"]);
const kept = { checkpoint_id: checkpointRef, checkpoint };

export const gitTools = {
  git_status: defineTool({
    name: "git_status",
    title: "Git status",
    summary: "Branch, upstream and changed files of the repository, as data and in git's short form.",
    effect: "reads",
    toolset: "core",
    input: z.object({ path: where }),
    output: z.object({
      branch: z.string().nullable().describe("Null when HEAD is detached."),
      head: z.string().nullable().describe("Null before the first commit."),
      upstream: z.string().nullable(),
      ahead: z.number(),
      behind: z.number(),
      clean: z.boolean(),
      files: z.array(
        z.object({
          path: z.string().describe("From the repository's top directory."),
          index: z.string().describe("Git's letter for the staged change; `.` for none, `?` for untracked."),
          worktree: z.string(),
          from: z.string().optional().describe("The former path of a rename or copy."),
        }),
      ),
      text,
      truncated: z.boolean(),
    }),
  }),
  git_diff: defineTool({
    name: "git_diff",
    title: "Git diff",
    summary: "What changed and is not staged, or with `staged` what is. A long diff goes on at next_offset.",
    effect: "reads",
    toolset: "core",
    input: z.object({
      path: where,
      staged: z.boolean().default(false),
      file: pathField.optional().describe("Only this file or directory, relative to `path`."),
      offset: z.number().int().min(0).default(0).describe("Byte to start at."),
    }),
    output: z.object({
      diff: text,
      truncated: z.boolean(),
      next_offset: z.number().nullable(),
    }),
  }),
  git_log: defineTool({
    name: "git_log",
    title: "Git log",
    summary: "Commits, newest first.",
    effect: "reads",
    toolset: "core",
    input: z.object({
      path: where,
      count: z.number().int().min(1).max(500).default(10),
      skip: z.number().int().min(0).default(0),
      ref: revision.optional().describe("Branch, tag, commit or range; HEAD when absent."),
      file: pathField.optional().describe("Only commits that touch it."),
    }),
    output: z.object({
      commits: z.array(z.object({ hash, author: z.string(), date: timestamp, subject: z.string() })),
      truncated: z.boolean(),
    }),
  }),
  git_add: defineTool({
    name: "git_add",
    title: "Git add",
    summary: "Stage the named files, or with `all` everything that changed.",
    effect: "changes",
    toolset: "core",
    input: z.object({ path: where, files: files.optional(), all: z.boolean().default(false) }),
    output: z.object({ staged: z.array(z.string()), truncated: z.boolean(), ...kept }),
  }),
  git_commit: defineTool({
    name: "git_commit",
    title: "Git commit",
    summary: "Commit what is staged; with `stage_all` everything that changed, new files too. Hooks do not run.",
    effect: "changes",
    toolset: "core",
    input: z.object({
      message: z.string().min(1).max(100_000),
      path: where,
      stage_all: z.boolean().default(false),
    }),
    output: z.object({
      hash,
      branch: z.string().nullable(),
      subject: z.string(),
      files_changed: z.number(),
      insertions: z.number(),
      deletions: z.number(),
      ...kept,
    }),
  }),
  git_branch: defineTool({
    name: "git_branch",
    title: "Git branch",
    summary: "List local branches; create, switch to or delete one. Deleting an unmerged one takes `force`.",
    effect: "changes",
    toolset: "full",
    input: z.object({
      path: where,
      action: z.enum(["list", "create", "switch", "create-and-switch", "delete"]).default("list"),
      name: name.optional(),
      from: revision.optional().describe("Where a new branch starts; HEAD when absent."),
      force: z.boolean().default(false),
    }),
    output: z.object({
      current: z.string().nullable(),
      branches: z.array(z.object({ name: z.string(), hash, upstream: z.string().nullable() })),
      truncated: z.boolean(),
      deleted: z.string().optional().describe("The commit that the deleted branch named."),
      ...kept,
    }),
  }),
  git_checkout: defineTool({
    name: "git_checkout",
    title: "Git checkout",
    summary: "Switch to a branch, or to a tag or commit with HEAD detached. Refuses to lose local changes.",
    effect: "changes",
    toolset: "full",
    input: z.object({ branch: revision, path: where }),
    output: z.object({ branch: z.string().nullable(), head: hash, text, ...kept }),
  }),
  git_restore: defineTool({
    name: "git_restore",
    title: "Git restore",
    summary:
      "Set files back, in the index and on disk, to what `source` says. Local changes to them are lost; rewind undoes it.",
    effect: "changes",
    toolset: "full",
    input: z.object({ files, path: where, source: revision.default("HEAD") }),
    output: z.object({ restored: z.array(z.string()), source: hash, ...kept }),
  }),
  git_push: defineTool({
    name: "git_push",
    title: "Git push",
    summary:
      "Push a branch. A network remote asks the owner first. `force` overwrites the remote branch, but only when it still is where this repository last saw it.",
    effect: "reaches",
    toolset: "full",
    input: z.object({
      path: where,
      remote,
      branch: name.optional().describe("The current branch when absent."),
      set_upstream: z.boolean().default(false),
      force: z.boolean().default(false),
    }),
    output: z.object({
      remote: z.string(),
      address: z.string(),
      branch: z.string(),
      hash,
      upstream_set: z.boolean(),
      text,
      ...kept,
    }),
  }),
  git_pull: defineTool({
    name: "git_pull",
    title: "Git pull",
    summary: "Fetch a branch and merge it into the current one. A network remote asks the owner first.",
    effect: "reaches",
    toolset: "full",
    input: z.object({
      path: where,
      remote,
      branch: name.optional().describe("The upstream of the current branch, or its namesake, when absent."),
    }),
    output: z.object({
      remote: z.string(),
      address: z.string(),
      branch: z.string(),
      fetched: hash,
      head: hash,
      text,
      ...kept,
    }),
  }),
  git_stash: defineTool({
    name: "git_stash",
    title: "Git stash",
    summary: "List stashes, push local changes on the stack, pop or apply the newest.",
    effect: "changes",
    toolset: "full",
    input: z.object({
      path: where,
      action: z.enum(["list", "push", "pop", "apply"]).default("list"),
      message: z.string().min(1).max(1000).optional(),
    }),
    output: z.object({
      stashes: z.array(z.object({ name: z.string(), hash, subject: z.string() })),
      truncated: z.boolean(),
      text,
      ...kept,
    }),
  }),
  git_reset: defineTool({
    name: "git_reset",
    title: "Git reset",
    summary:
      "Move the branch to `ref`. soft keeps index and files, mixed keeps files, hard sets both back; rewind brings the files back.",
    effect: "changes",
    toolset: "full",
    input: z.object({
      path: where,
      mode: z.enum(["soft", "mixed", "hard"]).default("mixed"),
      ref: revision.default("HEAD"),
    }),
    output: z.object({ head: hash, previous: hash.describe("Where HEAD was before."), text, ...kept }),
  }),
} as const;
