/** The hooks there are: the owner's, which are active, and a workspace's, which the owner has to approve first. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import * as z from "zod";
import { type ContentApprovals, contentHash } from "../approvals/content.ts";
import { isAbsence, placeOf } from "../context/text-head.ts";
import type { Roots } from "../files/roots.ts";

/** Runs with the changed paths as "$@", relative to the workspace where they lie below it. */
export const hookSchema = z.strictObject({
  /** Relative to the workspace; without a slash it matches in every directory. */
  glob: z.string().min(1).max(512),
  command: z.string().min(1).max(4096),
  timeout_seconds: z.number().int().min(1).max(120).optional(),
});
export type Hook = z.infer<typeof hookSchema>;
const hookFile = z.array(hookSchema).max(32);

/** A hook with the reason why it does not run, when it does not. */
export interface ListedHook extends Hook {
  inert: string | null;
}

const workspaceHooksPath = ".paddock/hooks.json";
const maxFileBytes = 64 * 1024;

/** Throws invalid_config where the owner's file is not what it should be. */
export function ownerHooks(file: string): Hook[] {
  if (!existsSync(file)) return [];
  return parsed(readFileSync(file, "utf8"), file);
}

export async function workspaceHooks(
  roots: Roots,
  workspace: string,
  approvals: ContentApprovals,
): Promise<ListedHook[]> {
  // Existence only, a microsecond on a path that most workspaces do not have; the content is read beneath the root.
  if (!existsSync(join(workspace, workspaceHooksPath))) return [];
  const text = await hookText(roots, workspace);
  if (text === null) return [];
  const path = join(workspace, workspaceHooksPath);
  const hooks = parsed(text, path);
  const refusal = approvals.refusal({ kind: "hooks", path, hash: contentHash("hooks", [workspace, text]), text });
  const inert = refusal && `Not run. ${refusal.message} ${refusal.nextStep}`;
  return hooks.map((hook) => ({ ...hook, inert }));
}

async function hookText(roots: Roots, workspace: string): Promise<string | null> {
  const place = placeOf(roots, workspaceHooksPath, workspace);
  if (!place) return null;
  try {
    return (await roots.read(place, maxFileBytes)).toString();
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

function parsed(text: string, path: string): Hook[] {
  try {
    return hookFile.parse(JSON.parse(text));
  } catch (error) {
    const said = error instanceof z.ZodError ? z.prettifyError(error) : "It is not valid JSON.";
    throw new PaddockError(
      "invalid_config",
      `${path}: ${said}`,
      "It holds a list of {glob, command, timeout_seconds}.",
    );
  }
}
