/** What a patch says, whichever format it came in: sections, one a file, made of hunks. Names are as written. */
import { PaddockError } from "@paddock/contract";
import { quoted } from "../text.ts";

export interface HunkLine {
  /** Kept, removed or added. */
  mark: " " | "-" | "+";
  /** The line with its ending; without one where the patch says that there is no newline at the end of the file. */
  line: string;
}

export interface Hunk {
  /** Line of the patch that it starts at, from 1. */
  at: number;
  /** Lines that stand somewhere above the place, outermost first. */
  anchors: readonly string[];
  /** Where the numbers of the patch say it starts, as a line index of the old file; a hint only. */
  expected?: number;
  /** What git writes behind the numbers, often the enclosing function; a hint only. */
  heading?: string;
  lines: HunkLine[];
  /** The hunk says that it reaches the end of the file. */
  atEnd: boolean;
  /** The hunk says where a newline at the end is missing, so its silence means that there is one. */
  marksNewline: boolean;
  /** The counts of its header do not fit its lines. */
  miscounted: boolean;
}

interface Common {
  /** Line of the patch that the section starts at, from 1. */
  at: number;
}

export type Section = Common &
  (
    | { type: "add"; path: string; content: string; executable?: boolean }
    /** With hunks, what they remove has to be the whole file; without, `verified` says whether that is fine. */
    | { type: "delete"; path: string; hunks: readonly Hunk[]; verified: boolean }
    | {
        type: "update";
        /** Null for bare hunks. */
        path: string | null;
        /** The new name of a move or copy. */
        to?: string;
        copy?: boolean;
        /** The two names come from `---` and `+++` alone, which may name one file in two ways. */
        implied?: boolean;
        executable?: boolean;
        hunks: readonly Hunk[];
      }
  );

/** A failure that names the line of the patch and says what is wrong with it. */
export function invalidPatch(at: number, reason: string, line?: string): PaddockError {
  const shown = line === undefined ? "" : `: ${quoted(line)}`;
  return new PaddockError("invalid_patch", `Line ${at} of the patch: ${reason}${shown}.`, undefined, { line: at });
}
