/**
 * Reads a patch in any of its formats: between `*** Begin Patch` and `*** End Patch`, unified diffs, or bare hunks. A
 * wrapper around it (a here-document, a code fence, common indentation) is peeled off. What cannot be read is refused with
 * the number of the line and the reason; nothing is skipped silently.
 */
import { PaddockError } from "@paddock/contract";
import { isCodexHeader, readCodex } from "./codex.ts";
import { invalidPatch, type Section } from "./patch.ts";
import { PatchReader } from "./reader.ts";
import { isUnifiedStart, readUnified } from "./unified.ts";

/** Throws invalid_patch, or too_large. */
export function parsePatch(patch: string): Section[] {
  const body = peeled(linesOf(patch));
  const { lines, first, enveloped } = body;
  const reader = new PatchReader(lines, first);
  reader.skipBlank();
  const start = reader.peek();
  if (start === undefined) throw invalidPatch(reader.at, "the patch is empty");
  const unified = isUnifiedStart(start);
  if (!unified && !enveloped && !isCodexHeader(start)) {
    throw invalidPatch(reader.at, "expected *** Begin Patch, diff --git, a --- line or an @@ line", start);
  }
  const sections = unified ? readUnified(reader) : readCodex(reader);
  if (sections.length === 0) throw invalidPatch(first, "the patch changes nothing");
  if (sections.length > maxSections) {
    throw new PaddockError("too_large", `The patch names ${sections.length} files; ${maxSections} are the most.`);
  }
  return sections;
}

interface Body {
  lines: readonly string[];
  /** Number of its first line in the patch as sent. */
  first: number;
  enveloped: boolean;
}

/** Lines without "\n". Where every line ends in "\r\n", that is how the patch was sent and says nothing about the files. */
function linesOf(patch: string): string[] {
  refuseLong(patch);
  const lines = (patch.startsWith("\uFEFF") ? patch.slice(1) : patch).split("\n");
  if (lines.at(-1) === "") lines.pop();
  const whole = lines.slice(0, -1).every((line) => line.endsWith("\r"));
  return whole && lines.length > 1 ? lines.map((line) => line.replace(/\r$/, "")) : lines;
}

const maxSections = 500;
const maxLines = 500_000;

function refuseLong(patch: string): void {
  let lines = 0;
  for (let at = patch.indexOf("\n"); at !== -1 && lines <= maxLines; at = patch.indexOf("\n", at + 1)) lines += 1;
  if (lines > maxLines) throw new PaddockError("too_large", `The patch has more than ${maxLines} lines.`);
}

const heredoc = /^(?:apply_patch\s+)?<<-?\s*(['"]?)([A-Za-z_]\w*)\1$/;

function peeled(sent: readonly string[]): Body {
  const [start, end] = unwrapped(sent);
  const begins = sent[start]?.trim() === "*** Begin Patch";
  const ended = end > start && sent[end - 1]?.trim() === "*** End Patch";
  if (begins && !ended)
    throw invalidPatch(end, "the patch does not end with *** End Patch; was it cut off?", sent[end - 1]);
  const indent = begins ? (/^\s*/.exec(sent[start] ?? "")?.[0] ?? "") : "";
  const [from, to] = [begins ? start + 1 : start, ended ? end - 1 : end];
  return { lines: dedented(sent.slice(from, to), indent), first: from + 1, enveloped: begins || ended };
}

/** The range inside of here-documents and code fences. */
function unwrapped(sent: readonly string[]): [number, number] {
  let [start, end] = inked(sent, 0, sent.length);
  for (let word = wordOf(sent[start]); word !== undefined; word = wordOf(sent[start])) {
    if (end - start < 2 || sent[end - 1]?.trim() !== word) {
      throw invalidPatch(start + 1, `the wrapper is not closed by ${word}`, sent[start]);
    }
    [start, end] = inked(sent, start + 1, end - 1);
  }
  return [start, end];
}

/** The range without blank lines at both ends. */
function inked(lines: readonly string[], from: number, to: number): [number, number] {
  let [start, end] = [from, to];
  while (start < end && lines[start]?.trim() === "") start += 1;
  while (end > start && lines[end - 1]?.trim() === "") end -= 1;
  return [start, end];
}

/** What closes the wrapper that a line opens. */
function wordOf(line: string | undefined): string | undefined {
  const text = line?.trim() ?? "";
  return /^```[\w-]*$/.test(text) ? "```" : heredoc.exec(text)?.[2];
}

/** Takes the indentation of the first marker off every line, if every line has it. */
function dedented(lines: string[], indent: string): string[] {
  const whole = indent !== "" && lines.every((line) => line.startsWith(indent) || line.trim() === "");
  return whole ? lines.map((line) => line.slice(indent.length)) : lines;
}
