/** The handler of apply_patch. */

import { PaddockError } from "@paddock/contract";
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import type { Wants } from "@paddock/policy";
import type { Kept, ReadPlace } from "../checkpoints/checkpoints.ts";
import type { HookResult } from "../edits/after-edit.ts";
import { commit, type FileChange } from "../edits/commit.ts";
import { type UnifiedDiff, unifiedDiff } from "../edits/diff.ts";
import { parsePatch } from "../edits/patch/parse.ts";
import type { Section } from "../edits/patch/patch.ts";
import { planPatch } from "../edits/patch/plan.ts";
import type { PlannedFile } from "../edits/patch/planned.ts";
import { baseOf, pathsIn } from "../edits/patch/targets.ts";
import { replacedBy } from "../files/replaced.ts";
import { revisionOf } from "../files/revision.ts";
import type { Located, Roots } from "../files/roots.ts";
import { closing, type EditParts, refuseCancelled, revisionNow, shownPath } from "./edit-answer.ts";
import type { Call, Handler, Outcome } from "./handler.ts";

type Input = InputOf<"apply_patch">;
type Output = OutputOf<"apply_patch">;

export function patchHandler(parts: EditParts): Handler<"apply_patch"> {
  const parsed = new WeakMap<Input, Section[]>();
  return {
    wants: (input, { workspace }) => wantsOf(input, workspace, parsed),
    run: (input, call) => applyPatch(parts, input, parsed.get(input) ?? parsePatch(input.patch), call),
  };
}

/** A patch that cannot be read wants nothing: running it says what is wrong with it. */
function wantsOf(input: Input, workspace: string, parsed: WeakMap<Input, Section[]>): Wants {
  try {
    const sections = parsePatch(input.patch);
    parsed.set(input, sections);
    return { paths: pathsIn(sections, input.path, workspace).map((path) => ({ path, access: "write" as const })) };
  } catch (error) {
    if (error instanceof PaddockError) return {};
    throw error;
  }
}

async function applyPatch(
  parts: EditParts,
  input: Input,
  sections: readonly Section[],
  call: Call,
): Promise<Outcome<Output>> {
  const { roots, workspace } = call;
  const base = await baseOf(input.path, sections, roots, workspace);
  const expected = new Map(Object.entries(input.expected_revisions ?? {}));
  const plan = await planPatch(sections, { roots, base, limits: parts.limits, expected });
  const diffs = diffsOf(plan.files, parts, call);
  const changes = plan.files.flatMap((file) => file.changes);
  let kept: Kept = { id: null, checkpoint: "full" };
  let hooks: readonly HookResult[] = [];
  if (!input.dry_run) {
    refuseCancelled(call);
    const places = await Promise.all(changes.map((change) => touched(roots, change)));
    kept = await parts.checkpoints.beforeChange(call, title(plan.files), places);
    await commit(roots, changes);
    hooks = await parts.afterEdit(call, written(plan.files));
  }
  const files = await Promise.all(
    plan.files.map(async (file, index) => fileAnswer(file, diffs[index], hooks.length > 0 ? call : undefined)),
  );
  return {
    summary: summaryOf(files, diffs, input.dry_run),
    data: { files, ...closing(input.dry_run, kept, plan.warnings, hooks) },
  };
}

/** A deleted link goes itself; through one that stays, the file it leads to is written, if it is what was read. */
function touched(roots: Roots, { place, before, after }: FileChange): Promise<Located> | Located | ReadPlace {
  if (after === null) return place;
  return before === null ? replacedBy(roots, place) : { ...before.real, was: before };
}

/** The longest diffs of one answer together, in multiples of the limit for one. */
const diffShares = 4;

function diffsOf(files: readonly PlannedFile[], { limits }: EditParts, call: Call): UnifiedDiff[] {
  let room = limits.diffBytes * diffShares;
  return files.map(({ operation, place, from, before, after, executable }) => {
    const to = shownPath(place, call);
    const options = { maxBytes: Math.min(room, limits.diffBytes), executable };
    const diff =
      operation === "copy"
        ? unifiedDiff(null, after, to, options)
        : unifiedDiff(before, after, from ? shownPath(from, call) : to, { to, ...options });
    room = Math.max(0, room - diff.text.length);
    return diff;
  });
}

const written = (files: readonly PlannedFile[]): string[] =>
  files.filter(({ after }) => after !== null).map(({ place }) => place.absolute);

function title(files: readonly PlannedFile[]): string {
  const [first] = files;
  const more = files.length > 1 ? ` and ${files.length - 1} more` : "";
  return `apply_patch ${first?.place.absolute ?? ""}${more}`;
}

async function fileAnswer(
  file: PlannedFile,
  diff: UnifiedDiff | undefined,
  hooked: Call | undefined,
): Promise<Output["files"][number]> {
  const after = file.changes[0]?.after?.content;
  return {
    path: file.place.absolute,
    operation: file.operation,
    ...(file.from ? { from: file.from.absolute } : {}),
    diff: diff?.text ?? "",
    diff_truncated: diff?.truncated ?? false,
    revision: after === undefined ? null : hooked ? await revisionNow(file.place, hooked) : revisionOf(after),
    match: file.match,
  };
}

function summaryOf(files: Output["files"], diffs: readonly UnifiedDiff[], dryRun: boolean): string {
  const added = diffs.reduce((sum, diff) => sum + diff.added, 0);
  const removed = diffs.reduce((sum, diff) => sum + diff.removed, 0);
  const what = files.length === 1 ? (files[0]?.path ?? "") : `${files.length} files`;
  return `${dryRun ? "Would patch" : "Patched"} ${what}: +${added} -${removed} lines`;
}
