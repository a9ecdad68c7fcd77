/** Applies hunks to a text. Kept lines stay exactly as they are in the file; added ones get the endings of their neighbours. */
import { type MatchTier, PaddockError } from "@paddock/contract";
import { bodyOf, commonEnding, type Ending, endingOf, splitLines } from "../text.ts";
import { FileLines } from "./file-lines.ts";
import { locate, type Place } from "./locate.ts";
import type { Hunk } from "./patch.ts";
import { indentTo } from "./reindent.ts";
import { looser } from "./tiers.ts";

export interface Applied {
  content: string;
  /** The loosest tier that any hunk needed. */
  match: MatchTier;
  warnings: string[];
}

/** Lines `start` to `start + removed` of the file give way to `added`. */
interface Splice {
  start: number;
  removed: number;
  added: string[];
}

/** Lines searched for all hunks of a file together. */
const maxWork = 100_000_000;

/** Throws patch_mismatch or text_ambiguous; `name` is how messages call the file. */
export function applyHunks(content: string, hunks: readonly Hunk[], name: string): Applied {
  const file = new FileLines(splitLines(content));
  if (file.lines.length * hunks.length > maxWork) {
    throw new PaddockError(
      "too_large",
      `${hunks.length} hunks are too many for the ${file.lines.length} lines of ${name}.`,
    );
  }
  const splices: Splice[] = [];
  const warnings: string[] = [];
  let match: MatchTier = "exact";
  let [from, drift] = [0, 0];
  for (const hunk of hunks) {
    const place = locate({ file, hunk, from, drift, name });
    const fit = fitting(file.lines, hunk, place);
    for (const splice of fit.splices) splices.push(splice);
    warnings.push(...notes(hunk, place, fit.indented, name));
    match = looser(match, place.tier);
    const last = fit.splices.at(-1);
    from = last ? last.start + last.removed : place.at;
    drift = hunk.expected === undefined ? drift : place.at - hunk.expected;
  }
  return { content: spliced(file.lines, splices), match, warnings };
}

const ignored = {
  exact: "",
  line_endings: "line endings",
  trailing_space: "trailing space",
  indentation: "indentation",
  punctuation: "typographic punctuation and indentation",
} as const satisfies Record<MatchTier, string>;

function notes(hunk: Hunk, place: Place, indented: boolean, name: string): string[] {
  const subject = `The hunk at line ${hunk.at} of the patch`;
  const list: string[] = [];
  if (ignored[place.tier] !== "") {
    const moved = indented ? "; added lines were indented to fit" : "";
    list.push(`${subject} matched line ${place.at + 1} of ${name} only with ${ignored[place.tier]} ignored${moved}.`);
  }
  if (place.warning !== undefined) list.push(`${subject} ${place.warning}.`);
  if (hunk.miscounted) list.push(`${subject} has wrong line counts in its header; its lines were used.`);
  return list;
}

/** The changes of a hunk at its place, in the file's endings and indentation unless the match was verbatim. */
function fitting(lines: readonly string[], hunk: Hunk, place: Place): { splices: Splice[]; indented: boolean } {
  const indent = place.verbatim ? undefined : indentTo(lines, place);
  const splices = splicesOf(place, indent ?? ((line) => line));
  if (!place.verbatim) for (const splice of splices) fitEndings(lines, splice, hunk.marksNewline);
  return { splices, indented: indent !== undefined };
}

function splicesOf(place: Place, indent: (line: string) => string): Splice[] {
  const splices: Splice[] = [];
  let at = place.at;
  let open: Splice | undefined;
  for (const { mark, line } of place.lines) {
    if (mark === " ") open = undefined;
    else {
      open ??= opened(splices, at);
      if (mark === "+") open.added.push(indent(line));
      else open.removed += 1;
    }
    if (mark !== "+") at += 1;
  }
  return splices;
}

function opened(splices: Splice[], start: number): Splice {
  const splice = { start, removed: 0, added: [] };
  splices.push(splice);
  return splice;
}

/** Gives each added line the ending of the line it replaces, or of the one beside it. */
function fitEndings(lines: readonly string[], splice: Splice, marksNewline: boolean): void {
  const { start, removed } = splice;
  const beside = endingNear(lines, start);
  const atEnd = start + removed === lines.length;
  const bare = lines.length > 0 && endingOf(lines.at(-1) ?? "") === "";
  splice.added = splice.added.map((line, step) => {
    const own: Ending = step < removed ? endingOf(lines[start + step] ?? "") : "";
    const last = atEnd && step === splice.added.length - 1;
    const silent = last && (marksNewline ? endingOf(line) === "" : bare);
    return bodyOf(line) + (silent ? "" : own || beside);
  });
}

/** The ending of the line before a place, or of the next that has one. */
function endingNear(lines: readonly string[], at: number): "\n" | "\r\n" {
  return (endingOf(lines[at - 1] ?? "") || endingOf(lines[at] ?? "") || commonEnding(lines)) as "\n" | "\r\n";
}

function spliced(lines: readonly string[], splices: readonly Splice[]): string {
  const out: string[] = [];
  let at = 0;
  for (const { start, removed, added } of splices) {
    for (; at < start; at += 1) out.push(lines[at] ?? "");
    for (const line of added) out.push(line);
    at = start + removed;
  }
  for (; at < lines.length; at += 1) out.push(lines[at] ?? "");
  return joined(out, lines);
}

/** Joins lines; one without an ending that is no longer the last gets the common one. */
function joined(out: string[], lines: readonly string[]): string {
  let ending: string | undefined;
  for (const [at, line] of out.entries()) {
    if (at === out.length - 1 || line.endsWith("\n")) continue;
    ending ??= commonEnding(lines);
    out[at] = line + ending;
  }
  return out.join("");
}
