/** The git tools. What changes a workspace is covered by a checkpoint first. */
import { resolve } from "node:path";
import type { Checkpoints, Kept } from "../checkpoints/checkpoints.ts";
import { branch, checkout } from "../git/branches.ts";
import { pullErrand, pushErrand, wantsOf } from "../git/errand.ts";
import { type ExchangeParts, pull, push } from "../git/exchange.ts";
import { diff, log } from "../git/history.ts";
import { inspect } from "../git/repository.ts";
import { reset, restore, stash } from "../git/set-back.ts";
import { add, commit } from "../git/stage.ts";
import { status } from "../git/status.ts";
import type { Call, Handlers, Outcome } from "./handler.ts";

export interface GitToolParts extends ExchangeParts {
  checkpoints: Checkpoints;
}

export type GitTool =
  | "git_status"
  | "git_diff"
  | "git_log"
  | "git_add"
  | "git_commit"
  | "git_branch"
  | "git_checkout"
  | "git_restore"
  | "git_push"
  | "git_pull"
  | "git_stash"
  | "git_reset";

const nothingKept: Kept = { id: null, checkpoint: "full" };

export function gitHandlers(parts: GitToolParts): Handlers<GitTool> {
  const { checkpoints } = parts;
  /** A changing tool, with what was kept before it. */
  const changing =
    <I extends { path?: string | undefined }, O>(
      act: (parts: ExchangeParts, call: Call, kept: Kept, input: I) => Promise<Outcome<O>>,
      title: (input: I) => string,
    ) =>
    async (input: I, call: Call): Promise<Outcome<O>> =>
      act(
        parts,
        call,
        await checkpoints.beforeCommand(await atRepository(parts, call, input.path), title(input)),
        input,
      );

  return {
    git_status: { wants: as("git status"), run: ({ path }, call) => status(parts, call, path) },
    git_diff: {
      wants: ({ path = ".", file }, { workspace }) => ({
        command: "git diff",
        ...(file === undefined ? {} : { paths: [{ path: resolve(workspace, path, file), access: "read" as const }] }),
      }),
      run: (input, call) => diff(parts, call, input),
    },
    git_log: { wants: as("git log"), run: (input, call) => log(parts, call, input) },
    git_add: {
      wants: as("git add"),
      run: changing(add, ({ files }) => (files ? `git add ${named(files)}` : "git add --all")),
    },
    git_commit: {
      wants: as("git commit"),
      run: changing(commit, ({ message }) => `git commit: ${message.split("\n")[0]}`),
    },
    git_branch: {
      wants: as("git branch"),
      run: (input, call) =>
        input.action === "list"
          ? branch(parts, call, nothingKept, input)
          : changing(branch, ({ action, name }) => `git branch ${action} ${name}`)(input, call),
    },
    git_checkout: { wants: as("git checkout"), run: changing(checkout, (input) => `git checkout ${input.branch}`) },
    git_restore: {
      wants: as("git restore"),
      run: changing(restore, ({ files, source }) => `git restore ${named(files)} from ${source}`),
    },
    git_push: {
      wants: async (input, place) => wantsOf(await pushErrand(parts, place, input), input.force),
      run: changing(push, ({ remote, force }) => `git push ${force ? "--force " : ""}${remote}`),
    },
    git_pull: {
      wants: async (input, place) => wantsOf(await pullErrand(parts, place, input), false),
      run: changing(pull, ({ remote }) => `git pull ${remote}`),
    },
    git_stash: {
      wants: as("git stash"),
      run: (input, call) =>
        input.action === "list"
          ? stash(parts, call, nothingKept, input)
          : changing(stash, ({ action }) => `git stash ${action}`)(input, call),
    },
    git_reset: { wants: as("git reset"), run: changing(reset, ({ mode, ref }) => `git reset --${mode} ${ref}`) },
  };
}

/** The call as it counts for a checkpoint: of the repository's own folder where that lies in another root. */
async function atRepository(parts: ExchangeParts, call: Call, path: string | undefined): Promise<Call> {
  if (path === undefined || call.roots.locate(path, call.workspace).root === call.workspace) return call;
  return { ...call, workspace: (await inspect(parts, call, path)).top };
}

/** A rule about git speaks about the git tools as well. */
const as = (command: string) => () => ({ command });

const named = (files: readonly string[]): string => (files.length === 1 ? `${files[0]}` : `${files.length} paths`);
