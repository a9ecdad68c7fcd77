/** What changed in a repository: git's status read as data. */
import { printable } from "@paddock/contract";
import type { OutputOf } from "@paddock/contract/tools";
import type { Outcome, Place } from "../tools/handler.ts";
import { type GitParts, git, inspect } from "./repository.ts";

type Status = OutputOf<"git_status">;
type ChangedFile = Status["files"][number];

const mostFiles = 2000;
const arguments_ = ["status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal", "--find-renames"];

export async function status(parts: GitParts, place: Place, path?: string): Promise<Outcome<Status>> {
  const repository = await inspect(parts, place, path);
  const { stdout, truncated } = await git(parts, repository, { args: arguments_, write: false, maxBytes: 1024 * 1024 });
  const data = parseStatus(stdout.toString("utf8"), truncated);
  const on = data.branch ?? "a detached HEAD";
  const summary = data.clean ? `Clean working tree on ${on}` : `${count(data)} changed on ${on}`;
  return { summary, data };
}

const count = ({ files, truncated }: Status): string =>
  `${files.length}${truncated ? "+" : ""} ${files.length === 1 ? "file" : "files"}`;

/** Reads `status --porcelain=v2 --branch -z`. `cut` says that the last record may be incomplete. */
export function parseStatus(text: string, cut = false): Status {
  const records = text.split("\0");
  if (cut) records.pop();
  const heads = headsOf(records);
  const files = filesOf(records);
  const shown = files.slice(0, mostFiles);
  const branch = heads.get("branch.head") ?? detached;
  const head = heads.get("branch.oid") ?? unborn;
  const [, ahead = "0", behind = "0"] = /^\+(\d+) -(\d+)$/.exec(heads.get("branch.ab") ?? "") ?? [];
  const status = {
    branch: branch === detached ? null : branch,
    head: head === unborn ? null : head,
    upstream: heads.get("branch.upstream") ?? null,
    ahead: Number(ahead),
    behind: Number(behind),
    clean: files.length === 0,
    files: shown,
    truncated: cut || files.length > mostFiles,
  };
  return { ...status, text: shortForm(status) };
}

const detached = "(detached)";
const unborn = "(initial)";

function headsOf(records: readonly string[]): Map<string, string> {
  const heads = new Map<string, string>();
  for (const record of records) {
    const [, key, value] = /^# (\S+) (.*)$/s.exec(record) ?? [];
    if (key !== undefined && value !== undefined) heads.set(key, value);
  }
  return heads;
}

function filesOf(records: readonly string[]): ChangedFile[] {
  const files: ChangedFile[] = [];
  for (let at = 0; at < records.length; at += 1) {
    const record = records[at] ?? "";
    const file = fileOf(record);
    if (!file) continue;
    files.push(file);
    if (!record.startsWith("2 ")) continue;
    // The record of a rename is followed by the former path.
    at += 1;
    file.from = records[at] ?? "";
  }
  return files;
}

/** Fields before the path, by kind of record: ordinary, renamed, unmerged. */
const fieldsBefore: Readonly<Record<string, number>> = { "1": 8, "2": 9, u: 10 };

function fileOf(record: string): ChangedFile | null {
  const kind = record[0] ?? "";
  if (kind === "?") return { path: record.slice(2), index: "?", worktree: "?" };
  const before = fieldsBefore[kind];
  if (before === undefined) return null;
  let start = 0;
  for (let field = 0; field < before; field += 1) start = record.indexOf(" ", start) + 1;
  return { path: record.slice(start), index: record[2] ?? ".", worktree: record[3] ?? "." };
}

function shortForm({ branch, upstream, ahead, behind, files }: Omit<Status, "text">): string {
  const distance = [ahead > 0 ? `ahead ${ahead}` : "", behind > 0 ? `behind ${behind}` : ""].filter(Boolean).join(", ");
  const tracking = upstream === null ? "" : `...${upstream}${distance === "" ? "" : ` [${distance}]`}`;
  const lines = files.map(({ path, index, worktree, from }) => {
    const letters = `${index}${worktree}`.replaceAll(".", " ");
    return `${letters} ${from === undefined ? "" : `${printable(from)} -> `}${printable(path)}`;
  });
  return [`## ${branch ?? "HEAD (no branch)"}${tracking}`, ...lines].join("\n");
}
