/** Setting back: files, the branch, and changes put aside. */
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import type { Kept } from "../checkpoints/checkpoints.ts";
import type { Call, Outcome } from "../tools/handler.ts";
import { commitOf, type GitParts, git, inspect, pathspecs, type Repository } from "./repository.ts";
import { keptFields } from "./stage.ts";
import { wordsOf } from "./words.ts";

export async function restore(
  parts: GitParts,
  call: Call,
  kept: Kept,
  { files, path, source }: InputOf<"git_restore">,
): Promise<Outcome<OutputOf<"git_restore">>> {
  const repository = await inspect(parts, call, path, [source]);
  const commit = commitOf(repository, source);
  await git(parts, repository, {
    args: ["restore", `--source=${commit}`, "--staged", "--worktree", "--", ...pathspecs(repository, files)],
    write: true,
  });
  return {
    summary: `Restored ${files.length === 1 ? files[0] : `${files.length} paths`} from ${source}`,
    data: { restored: files, source: commit, ...keptFields(kept) },
  };
}

export async function reset(
  parts: GitParts,
  call: Call,
  kept: Kept,
  { mode, ref, path }: InputOf<"git_reset">,
): Promise<Outcome<OutputOf<"git_reset">>> {
  const repository = await inspect(parts, call, path, [ref]);
  const head = commitOf(repository, ref);
  const finished = await git(parts, repository, { args: ["reset", `--${mode}`, head], write: true });
  return {
    summary: `Reset ${repository.branch ?? "HEAD"} to ${head.slice(0, 10)} (${mode})`,
    data: { head, previous: repository.head ?? "", text: wordsOf(finished), ...keptFields(kept) },
  };
}

const mostStashes = 100;

export async function stash(
  parts: GitParts,
  call: Call,
  kept: Kept,
  { action, message, path }: InputOf<"git_stash">,
): Promise<Outcome<OutputOf<"git_stash">>> {
  const repository = await inspect(parts, call, path);
  const text = action === "list" ? "" : await act(parts, repository, action, message);
  const list = await stashes(parts, repository);
  return { summary: `${said[action]} (${list.stashes.length} stashed)`, data: { ...list, text, ...keptFields(kept) } };
}

const said = { list: "Stashes", push: "Stashed", pop: "Popped", apply: "Applied" } as const;

async function act(
  parts: GitParts,
  repository: Repository,
  action: "push" | "pop" | "apply",
  message: string | undefined,
): Promise<string> {
  const more = action === "push" && message !== undefined ? [`--message=${message}`] : [];
  return wordsOf(await git(parts, repository, { args: ["stash", action, ...more], write: true }));
}

async function stashes(
  parts: GitParts,
  repository: Repository,
): Promise<Pick<OutputOf<"git_stash">, "stashes" | "truncated">> {
  const { stdout, truncated } = await git(parts, repository, {
    args: ["stash", "list", "-z", `--max-count=${mostStashes + 1}`, "--format=%gd%x00%H%x00%gs"],
    write: false,
  });
  const fields = stdout.toString("utf8").split("\0");
  const list: OutputOf<"git_stash">["stashes"] = [];
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [name = "", hash = "", subject = ""] = fields.slice(at, at + 3);
    list.push({ name, hash, subject });
  }
  return { stashes: list.slice(0, mostStashes), truncated: truncated || list.length > mostStashes };
}
