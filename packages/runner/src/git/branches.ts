/** Branches: listing, making, switching, deleting. */
import { PaddockError } from "@paddock/contract";
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import type { Kept } from "../checkpoints/checkpoints.ts";
import type { Call, Outcome } from "../tools/handler.ts";
import { branchRef, commitOf, type GitParts, git, inspect, type Repository } from "./repository.ts";
import { keptFields } from "./stage.ts";
import { wordsOf } from "./words.ts";

const mostBranches = 1000;

type BranchInput = InputOf<"git_branch">;

export async function branch(
  parts: GitParts,
  call: Call,
  kept: Kept,
  input: BranchInput,
): Promise<Outcome<OutputOf<"git_branch">>> {
  const { action, name } = input;
  if (action !== "list" && name === undefined)
    throw new PaddockError("invalid_input", `The action ${action} needs a name.`);
  const ref = name === undefined ? null : branchRef(name);
  const repository = await inspect(parts, call, input.path, [ref ?? "HEAD", input.from ?? "HEAD"]);
  const args = commandOf(input, repository);
  if (args) await git(parts, repository, { args, write: true });
  const list = await branches(parts, repository);
  const current = action === "switch" || action === "create-and-switch" ? (name ?? null) : repository.branch;
  const deleted = action === "delete" ? { deleted: commitOf(repository, name ?? "") } : {};
  return {
    summary: `${said[action]}${name === undefined ? "" : ` ${name}`}`,
    data: { current, ...list, ...deleted, ...keptFields(kept) },
  };
}

const said = {
  list: "Branches",
  create: "Created",
  switch: "Switched to",
  "create-and-switch": "Created and switched to",
  delete: "Deleted",
} as const satisfies Record<BranchInput["action"], string>;

/** What git is told; null where there is nothing to do. Names have been checked, and revisions are commits by now. */
function commandOf({ action, name = "", from, force }: BranchInput, { commits, head }: Repository): string[] | null {
  const start = from === undefined ? head : commits[1];
  if (from !== undefined && !start) throw new PaddockError("git_failed", `There is no commit ${JSON.stringify(from)}.`);
  switch (action) {
    case "list":
      return null;
    case "create":
      return ["branch", "--no-track", "--", name, start ?? "HEAD"];
    case "switch":
      return ["switch", "--no-guess", "--", name];
    case "create-and-switch":
      return ["switch", "--no-track", "-c", name, ...(start ? [start] : [])];
    case "delete":
      return ["branch", force ? "-D" : "-d", "--", name];
  }
}

async function branches(
  parts: GitParts,
  repository: Repository,
): Promise<Pick<OutputOf<"git_branch">, "branches" | "truncated">> {
  const { stdout, truncated } = await git(parts, repository, {
    args: [
      "for-each-ref",
      `--count=${mostBranches + 1}`,
      "--format=%(refname:lstrip=2)%09%(objectname)%09%(upstream:lstrip=2)",
      "refs/heads/",
    ],
    write: false,
  });
  const list = stdout
    .toString("utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [name = "", hash = "", upstream = ""] = line.split("\t");
      return { name, hash, upstream: upstream || null };
    });
  return { branches: list.slice(0, mostBranches), truncated: truncated || list.length > mostBranches };
}

export async function checkout(
  parts: GitParts,
  call: Call,
  kept: Kept,
  { branch: wanted, path }: InputOf<"git_checkout">,
): Promise<Outcome<OutputOf<"git_checkout">>> {
  const repository = await inspect(parts, call, path, [wanted, `refs/heads/${wanted}`]);
  const isBranch = repository.commits[1] !== null;
  const head = commitOf(repository, wanted);
  const target = isBranch ? ["--no-guess", "--", wanted] : ["--detach", head];
  const finished = await git(parts, repository, { args: ["switch", ...target], write: true });
  return {
    summary: isBranch ? `Switched to ${wanted}` : `HEAD is detached at ${head.slice(0, 10)}`,
    data: {
      branch: isBranch ? wanted : null,
      head: repository.commits[1] ?? head,
      text: wordsOf(finished),
      ...keptFields(kept),
    },
  };
}
