/** Runs the hooks that match what an edit has changed, one after the other, each in a cage of its own. */
import { relative } from "node:path";
import { PaddockError } from "@paddock/contract";
import type { ContentApprovals } from "../approvals/content.ts";
import type { Checkpoints } from "../checkpoints/checkpoints.ts";
import { pathGlob } from "../context/path-glob.ts";
import type { AfterEdit, HookResult } from "../edits/after-edit.ts";
import type { Cages, Finished } from "../sandbox/cage.ts";
import type { Call } from "../tools/handler.ts";
import { type ListedHook, ownerHooks, workspaceHooks } from "./hook-list.ts";

export interface HookParts {
  /** The owner's hooks, in the runner's state. */
  ownerFile: string;
  approvals: ContentApprovals;
  cages: Cages;
  checkpoints: Checkpoints;
  timeoutSeconds: number;
}

const maxRuns = 8;
const maxOutputBytes = 16 * 1024;

export function openAfterEdit(parts: HookParts): AfterEdit {
  return async (call, paths) => {
    const hooks = await listed(parts, call);
    if (hooks instanceof PaddockError)
      return [notRun({ glob: "*", command: "" }, `${hooks.message} ${hooks.nextStep}`)];
    const shown = paths.map((path) => shownFrom(call.workspace, path));
    const matching = hooks.map((hook) => ({ hook, changed: shown.filter(pathGlob(hook.glob, "anywhere")) }));
    const due = matching.filter(({ changed }) => changed.length > 0).slice(0, maxRuns);
    if (due.some(({ hook }) => hook.inert === null)) await parts.checkpoints.beforeCommand(call, "post-edit hooks");
    const results: HookResult[] = [];
    for (const { hook, changed } of due) {
      if (call.signal.aborted) break;
      results.push(hook.inert === null ? await runHook(parts, call, hook, changed) : notRun(hook, hook.inert));
    }
    return results;
  };
}

/** A broken hook file does not undo an edit that has been made: it is reported in the place of its hooks. */
async function listed({ ownerFile, approvals }: HookParts, call: Call): Promise<ListedHook[] | PaddockError> {
  try {
    const own = ownerHooks(ownerFile).map((hook) => ({ ...hook, inert: null }));
    return [...own, ...(await workspaceHooks(call.roots, call.workspace, approvals))];
  } catch (error) {
    if (error instanceof PaddockError) return error;
    throw error;
  }
}

/** A cage that cannot be made is reported like a hook that failed: the edit itself has been made. */
async function runHook(
  parts: HookParts,
  call: Call,
  hook: ListedHook,
  changed: readonly string[],
): Promise<HookResult> {
  const spec = {
    argv: ["bash", "-c", hook.command, "hook", ...changed],
    cwd: call.workspace,
    profile: call.profile,
    domain: call.domain,
    roots: call.roots.list,
  };
  const timeoutMs = (hook.timeout_seconds ?? parts.timeoutSeconds) * 1000;
  try {
    const ended = await parts.cages.run(spec, { maxBytes: maxOutputBytes, timeoutMs, signal: call.signal });
    return resultOf(hook, ended);
  } catch (error) {
    if (error instanceof PaddockError) return notRun(hook, error.message);
    throw error;
  }
}

function resultOf({ glob, command }: ListedHook, ended: Finished): HookResult {
  const output = Buffer.concat([ended.stdout, ended.stderr]).toString() + (ended.truncated ? "\n[output cut]" : "");
  return { glob, command, exit_code: ended.timedOut ? null : ended.code, output, timed_out: ended.timedOut };
}

function notRun({ glob, command }: { glob: string; command: string }, output: string): HookResult {
  return { glob, command, exit_code: null, output, timed_out: false };
}

function shownFrom(workspace: string, path: string): string {
  const below = relative(workspace, path);
  return below.startsWith("../") ? path : below;
}
