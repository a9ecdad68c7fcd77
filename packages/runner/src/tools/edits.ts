/** Handlers of the edit tools: work the change out in memory, keep what it replaces, write, run hooks, and show the diff. */
import { resolve } from "node:path";
import { type MatchTier, PaddockError, printableLine } from "@paddock/contract";
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import type { Wants } from "@paddock/policy";
import type { Kept } from "../checkpoints/checkpoints.ts";
import type { HookResult } from "../edits/after-edit.ts";
import { unifiedDiff } from "../edits/diff.ts";
import { looser } from "../edits/patch/tiers.ts";
import { replaceRegex } from "../edits/regex.ts";
import { replaceText } from "../edits/replace.ts";
import { type EditLimits, readSource, rewritten, type Source } from "../edits/source.ts";
import { wholeText } from "../edits/text.ts";
import { type InTurn, turns } from "../edits/turns.ts";
import { revisionOf } from "../files/revision.ts";
import type { Located } from "../files/roots.ts";
import { closing, type EditParts, refuseCancelled, revisionNow, shownPath } from "./edit-answer.ts";
import { patchHandler } from "./edits-patch.ts";
import type { Call, Handlers, Outcome } from "./handler.ts";

type EditTool = "edit_file" | "multi_edit" | "replace_regex" | "apply_patch";

/** Threads for regular expressions at a time; each may take a core and some memory. */
const regexThreads = 2;

export function editHandlers(parts: EditParts): Handlers<EditTool> {
  const inTurn = turns(regexThreads);
  return {
    edit_file: { wants: writes, run: (input, call) => editFile(parts, input, call) },
    multi_edit: { wants: writes, run: (input, call) => multiEdit(parts, input, call) },
    replace_regex: { wants: writes, run: (input, call) => regexEdit(parts, inTurn, input, call) },
    apply_patch: patchHandler(parts),
  };
}

const writes = ({ path }: { path: string }, { workspace }: { workspace: string }): Wants => ({
  paths: [{ path: resolve(workspace, path), access: "write" }],
});

async function editFile(
  parts: EditParts,
  input: InputOf<"edit_file">,
  call: Call,
): Promise<Outcome<OutputOf<"edit_file">>> {
  const edit = await openEdit(parts, input, call);
  const { content, count, match } = replaceText(edit.source.text.content, replacementOf(input), replaceOptions(edit));
  const { summary, data } = await finish(parts, edit, content, count, call);
  return { summary, data: { ...data, match } };
}

async function multiEdit(
  parts: EditParts,
  input: InputOf<"multi_edit">,
  call: Call,
): Promise<Outcome<OutputOf<"multi_edit">>> {
  const edit = await openEdit(parts, input, call);
  let content = edit.source.text.content;
  let match: MatchTier = "exact";
  let count = 0;
  for (const [index, one] of input.edits.entries()) {
    const label = `Edit ${index + 1} of ${input.edits.length}: `;
    const replaced = replaceText(content, replacementOf(one), { ...replaceOptions(edit), label });
    content = replaced.content;
    match = looser(match, replaced.match);
    count += replaced.count;
  }
  const { summary, data } = await finish(parts, edit, content, count, call);
  return { summary, data: { ...data, match, edits: input.edits.length } };
}

async function regexEdit(
  parts: EditParts,
  inTurn: InTurn,
  input: InputOf<"replace_regex">,
  call: Call,
): Promise<Outcome<OutputOf<"replace_regex">>> {
  const edit = await openEdit(parts, input, call);
  const { pattern, replacement, flags } = input;
  const before = edit.source.text.content;
  const request = { content: before, pattern, replacement, flags, maxCharacters: parts.limits.fileBytes };
  const options = {
    timeoutMs: parts.limits.regexTimeoutMs,
    signal: call.signal,
    name: printableLine(edit.place.absolute),
  };
  const { content, count } = await inTurn(() => replaceRegex(request, options));
  if (count === 0) throw notMatched(pattern, before, edit.place);
  return finish(parts, edit, content, count, call);
}

function notMatched(pattern: string, content: string, place: Located): PaddockError {
  const endings = content.includes("\r\n") ? " Its lines end in CRLF: write \\r?$ for the end of a line." : "";
  const message = `The pattern ${JSON.stringify(pattern.slice(0, 200))} matches nothing in ${printableLine(place.absolute)}.${endings}`;
  return new PaddockError("text_not_found", message, "Try the pattern with grep, and mind the flags i and m.");
}

/** An edit of one file that has been read. */
interface Edit {
  tool: string;
  place: Located;
  source: Source;
  dryRun: boolean;
  limits: EditLimits;
}

async function openEdit(
  { limits }: EditParts,
  input: { path: string; dry_run: boolean; expected_revision?: string | undefined },
  call: Call,
): Promise<Edit> {
  const place = call.roots.locate(input.path, call.workspace);
  call.roots.checkWritable(place);
  const source = await readSource(call.roots, place, limits, input.expected_revision);
  return { tool: call.tool, place, source, dryRun: input.dry_run, limits };
}

const replacementOf = (input: { old_text: string; new_text: string; replace_all: boolean }) => ({
  oldText: input.old_text,
  newText: input.new_text,
  replaceAll: input.replace_all,
});

const replaceOptions = ({ place, limits }: Edit) => ({
  name: printableLine(place.absolute),
  maxCharacters: limits.fileBytes,
});

async function finish(
  parts: EditParts,
  edit: Edit,
  content: string,
  replacements: number,
  call: Call,
): Promise<Outcome<OutputOf<"replace_regex">>> {
  const { place, source, dryRun, limits } = edit;
  const bytes = rewritten(source, content, place, limits);
  if (bytes.equals(source.content))
    throw new PaddockError("no_change", `Nothing would change in ${printableLine(place.absolute)}.`);
  const after = wholeText({ ...source.text, content });
  const diff = unifiedDiff(wholeText(source.text), after, shownPath(place, call), { maxBytes: limits.diffBytes });
  let kept: Kept = { id: null, checkpoint: "full" };
  let hooks: readonly HookResult[] = [];
  if (!dryRun) {
    refuseCancelled(call);
    kept = await parts.checkpoints.beforeChange(call, `${edit.tool} ${place.absolute}`, [
      { ...source.real, was: source },
    ]);
    await call.roots.write(place, bytes, { expected: source.revision });
    hooks = await parts.afterEdit(call, [place.absolute]);
  }
  return {
    summary: `${dryRun ? "Would edit" : "Edited"} ${printableLine(place.absolute)}: +${diff.added} -${diff.removed} lines`,
    data: {
      path: place.absolute,
      diff: diff.text,
      diff_truncated: diff.truncated,
      replacements,
      revision: hooks.length > 0 ? await revisionNow(place, call) : revisionOf(bytes),
      ...closing(dryRun, kept, [], hooks),
    },
  };
}
