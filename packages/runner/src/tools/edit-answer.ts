/** What the answers of all edit tools share. */
import { PaddockError } from "@paddock/contract";
import type { Kept } from "../checkpoints/checkpoints.ts";
import type { HookResult } from "../edits/after-edit.ts";
import type { EditLimits } from "../edits/source.ts";
import { revisionOf } from "../files/revision.ts";
import type { Located } from "../files/roots.ts";
import { type FileParts, keptFields } from "./file-parts.ts";
import type { Call } from "./handler.ts";

export interface EditParts extends FileParts {
  limits: EditLimits;
}

/** The last moment at which nothing has happened yet. */
export function refuseCancelled({ signal }: Call): void {
  if (signal.aborted) throw new PaddockError("cancelled", "The call was cancelled; nothing was changed.");
}

/** The revision after hooks, which may have changed the file again. */
export const revisionNow = async (place: Located, call: Call): Promise<string> =>
  revisionOf(await call.roots.read(place, Number.MAX_SAFE_INTEGER));

/** How diffs name a file: from the workspace where it lies there, so that the diff can be applied again. */
export const shownPath = (place: Located, { workspace }: Call): string =>
  place.absolute.startsWith(`${workspace}/`) ? place.absolute.slice(workspace.length + 1) : place.absolute;

/** What every answer ends with. */
export function closing(dryRun: boolean, kept: Kept, warnings: readonly string[], hooks: readonly HookResult[]) {
  const undo = keptFields(kept);
  return {
    dry_run: dryRun,
    checkpoint_id: undo.checkpoint_id,
    warnings: [...warnings, ...undo.warnings],
    ...(hooks.length > 0 ? { post_edit_hooks: [...hooks] } : {}),
  };
}
