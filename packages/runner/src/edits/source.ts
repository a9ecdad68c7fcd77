/** Reads the text file that an edit is about, with what is needed to write it back unharmed. */
import { PaddockError, printableLine } from "@paddock/contract";
import { revisionOf } from "../files/revision.ts";
import type { Located, Roots } from "../files/roots.ts";
import type { FileBefore } from "./commit.ts";
import { decodeText, type Text, wholeText } from "./text.ts";

export interface EditLimits {
  /** Largest file, before or after. */
  fileBytes: number;
  /** All files of one patch together, before and after. */
  totalBytes: number;
  /** Longest diff in an answer, for each file. */
  diffBytes: number;
  /** Time for a regular expression. */
  regexTimeoutMs: number;
}

export const defaultEditLimits: EditLimits = {
  fileBytes: 5 * 1024 * 1024,
  totalBytes: 32 * 1024 * 1024,
  diffBytes: 100_000,
  regexTimeoutMs: 10_000,
};

export interface Source extends FileBefore {
  text: Text;
}

/** Throws path_not_found, not_a_file, file_too_large, binary_file, or changed_meanwhile for another revision. */
export async function readSource(
  roots: Roots,
  place: Located,
  limits: EditLimits,
  expected: string | undefined,
): Promise<Source> {
  const { content, state, real } = await roots.readWithState(place, limits.fileBytes);
  refuseManyLines(content, place);
  const revision = revisionOf(content);
  checkRevision(place, revision, expected);
  return { real, content, mode: state.mode, revision, text: decodeText(content, printableLine(place.absolute)) };
}

const maxLines = 1_000_000;

function refuseManyLines(content: Buffer, place: Located): void {
  if (content.length <= maxLines) return;
  let lines = 0;
  for (let at = content.indexOf(10); at !== -1 && lines <= maxLines; at = content.indexOf(10, at + 1)) lines += 1;
  if (lines <= maxLines) return;
  throw new PaddockError(
    "file_too_large",
    `${printableLine(place.absolute)} has more than ${maxLines} lines.`,
    "Change it with a command.",
  );
}

export function checkRevision(place: Located, revision: string, expected: string | undefined): void {
  if (expected === undefined || expected === revision) return;
  const message = `${printableLine(place.absolute)} has revision ${revision}, not the expected ${expected}.`;
  throw new PaddockError("changed_meanwhile", message, undefined, { revision });
}

/** The bytes to write for a changed content, in the form the file had. Throws file_too_large. */
export function rewritten({ text }: Source, content: string, place: Located, limits: EditLimits): Buffer {
  const bytes = Buffer.from(wholeText({ ...text, content }), "utf8");
  checkSize(bytes.length, place, limits);
  return bytes;
}

export function checkSize(bytes: number, place: Located, limits: EditLimits): void {
  if (bytes <= limits.fileBytes) return;
  throw new PaddockError(
    "file_too_large",
    `${printableLine(place.absolute)} would have ${bytes} bytes; edits make files of at most ${limits.fileBytes}.`,
    "Split the file, or make the large part with a command.",
  );
}
