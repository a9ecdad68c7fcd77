/** Staging and committing. */
import { PaddockError, printable } from "@paddock/contract";
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import type { Kept } from "../checkpoints/checkpoints.ts";
import type { Call, Outcome } from "../tools/handler.ts";
import { type GitParts, git, inspect, pathspecs, type Repository } from "./repository.ts";

const mostNames = 1000;
const mostListedBytes = 32 * 1024 * 1024;

/** What was kept before a change, as tools say it. */
export const keptFields = ({
  id,
  checkpoint,
}: Kept): { checkpoint_id: string | null; checkpoint: Kept["checkpoint"] } => ({
  checkpoint_id: id,
  checkpoint,
});

export async function add(
  parts: GitParts,
  call: Call,
  kept: Kept,
  { path, files, all }: InputOf<"git_add">,
): Promise<Outcome<OutputOf<"git_add">>> {
  if (all === (files !== undefined)) {
    throw new PaddockError("invalid_input", "Name the files to stage, or say all; one of the two.");
  }
  const repository = await inspect(parts, call, path);
  if (files) await stage(parts, repository, pathspecs(repository, files), repository.cwd);
  else await stage(parts, repository, ["."], repository.top);
  const { names, truncated } = await stagedNames(parts, repository);
  return {
    summary: `${names.length}${truncated ? "+" : ""} staged`,
    data: { staged: names, truncated, ...keptFields(kept) },
  };
}

async function stage(parts: GitParts, repository: Repository, paths: readonly string[], cwd: string): Promise<void> {
  await refuseFiltered(parts, repository, paths, cwd);
  await git(parts, repository, { args: ["add", "-A", "--", ...paths], write: true, cwd });
}

/**
 * Filters (such as those of Git LFS) do not run here, and staging a file without its filter would quietly store other
 * bytes than the repository wants.
 */
async function refuseFiltered(
  parts: GitParts,
  repository: Repository,
  paths: readonly string[],
  cwd: string,
): Promise<void> {
  const changed = await git(parts, repository, {
    args: ["ls-files", "-z", "--modified", "--others", "--exclude-standard", "--", ...paths],
    write: false,
    maxBytes: mostListedBytes,
    cwd,
  });
  const names = changed.stdout.toString("utf8");
  if (names === "") return;
  const { stdout } = await git(parts, repository, {
    args: ["check-attr", "-z", "--stdin", "filter"],
    input: names,
    write: false,
    maxBytes: 2 * mostListedBytes,
    cwd,
  });
  const fields = stdout.toString("utf8").split("\0");
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [path = "", , filter = ""] = fields.slice(at, at + 3);
    if (filter === "unspecified" || filter === "unset" || filter === "set") continue;
    throw new PaddockError(
      "git_failed",
      `${printable(path)} is to go through the filter ${JSON.stringify(printable(filter))}, and filters do not run here. Nothing was staged.`,
      "Stage the other files by name. Its owner can stage this one, or allow a command that does.",
    );
  }
}

async function stagedNames(parts: GitParts, repository: Repository): Promise<{ names: string[]; truncated: boolean }> {
  const { stdout, truncated } = await git(parts, repository, {
    args: ["diff", "--cached", "--name-only", "--no-ext-diff", "-z"],
    write: false,
    maxBytes: 512 * 1024,
  });
  const names = stdout.toString("utf8").split("\0").slice(0, -1);
  return { names: names.slice(0, mostNames), truncated: truncated || names.length > mostNames };
}

export async function commit(
  parts: GitParts,
  call: Call,
  kept: Kept,
  { path, message, stage_all }: InputOf<"git_commit">,
): Promise<Outcome<OutputOf<"git_commit">>> {
  const repository = await inspect(parts, call, path);
  if (stage_all) await stage(parts, repository, ["."], repository.top);
  await git(parts, repository, {
    args: ["commit", "--no-verify", "--no-gpg-sign", "--no-status", "--file=-"],
    input: message,
    write: true,
  });
  const { stdout } = await git(parts, repository, {
    args: [
      "show",
      "--no-ext-diff",
      "--no-textconv",
      "--no-show-signature",
      "--shortstat",
      "--format=%H%x00%s%x00",
      "HEAD",
      "--",
    ],
    write: false,
  });
  const [hash = "", subject = "", counts = ""] = stdout.toString("utf8").split("\0");
  const data = {
    hash,
    branch: repository.branch,
    subject,
    files_changed: numberBefore(counts, "file"),
    insertions: numberBefore(counts, "insertion"),
    deletions: numberBefore(counts, "deletion"),
  };
  return {
    summary: `Committed ${hash.slice(0, 10)} on ${repository.branch ?? "a detached HEAD"}`,
    data: { ...data, ...keptFields(kept) },
  };
}

const numberBefore = (text: string, word: string): number => Number(new RegExp(`(\\d+) ${word}`).exec(text)?.[1] ?? 0);
