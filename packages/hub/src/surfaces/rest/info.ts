/** What a caller may know of this installation: version, limits and counts; no path, name or address of the machines. */
import { type Config, longestRunWaitSeconds, type Principal } from "@paddock/contract";
import type { Inbox } from "../../approvals/inbox.ts";
import type { Machines } from "../../machines/machine.ts";
import { onlineOf } from "../../machines/online.ts";
import type { OpenRuns } from "../../runs/calls.ts";
import { maxBodyBytes } from "../body.ts";

export interface InfoParts {
  version: string;
  /** The address that clients use. */
  url: string;
  runs: Pick<OpenRuns, "open">;
  machines: Pick<Machines, "list">;
  inbox: Pick<Inbox, "list">;
  config: Pick<
    Config,
    "answer_budget_seconds" | "command_timeout_seconds" | "approval_timeout_seconds" | "max_runs_per_caller"
  >;
}

export const info = (
  { name, toolset, workspaces }: Principal,
  { version, url, runs, machines, inbox, config }: InfoParts,
) => ({
  name: "paddock",
  version,
  url,
  token: { name, toolset, workspaces },
  limits: {
    answerBudgetSeconds: config.answer_budget_seconds,
    longestWaitSeconds: longestRunWaitSeconds,
    commandTimeoutSeconds: config.command_timeout_seconds,
    approvalTimeoutSeconds: config.approval_timeout_seconds,
    runsAtOnce: config.max_runs_per_caller,
    bodyBytes: maxBodyBytes,
  },
  counts: {
    machines: machines.list().length,
    machinesOnline: onlineOf(machines),
    openRuns: runs.open,
    waitingApprovals: inbox.list().length,
  },
  generatedAt: new Date().toISOString(),
});
