/**
 * Hunks, which both patch formats share. Where a header gives counts they tell a removed "-- x" from the header "--- x"; a
 * header whose counts are wrong is still read, by the look of its lines.
 */
import { type Hunk, type HunkLine, invalidPatch } from "./patch.ts";
import type { PatchReader } from "./reader.ts";

export type Format = "codex" | "unified";

/** Lines that the counts of a header still promise. */
interface Room {
  old: number;
  new: number;
}

interface Header {
  anchors: string[];
  expected?: number;
  heading?: string;
  room?: Room;
}

const maxHunks = 5000;

/** Reads hunks up to the next section or the end. */
export function readHunks(reader: PatchReader, format: Format): Hunk[] {
  const hunks: Hunk[] = [];
  for (;;) {
    skipBlankBefore(reader, "@@");
    const line = reader.peek();
    const startsHunk = line?.startsWith("@@") || (format === "codex" && hunks.length === 0 && isBody(line));
    if (!startsHunk) return hunks;
    if (hunks.length === maxHunks) throw invalidPatch(reader.at, `more than ${maxHunks} hunks for one file`);
    hunks.push(readHunk(reader, format));
  }
}

function skipBlankBefore(reader: PatchReader, start: string): void {
  let blank = 0;
  while (reader.peek(blank)?.trim() === "") blank += 1;
  if (blank > 0 && (reader.peek(blank) === undefined || reader.peek(blank)?.startsWith(start))) reader.skipBlank();
}

const isBody = (line: string | undefined): boolean => line !== undefined && (line === "" || /^[ +-]/.test(line));

function readHunk(reader: PatchReader, format: Format): Hunk {
  const at = reader.at;
  const { room, ...header } = readHeaders(reader);
  const hunk: Hunk = { at, ...header, lines: [], atEnd: false, marksNewline: false, miscounted: false };
  readBody(reader, format, hunk, room);
  if (format === "codex" && /^\*\*\* End of File\s*$/.test(reader.peek() ?? "")) {
    hunk.atEnd = true;
    reader.take();
  }
  if (hunk.lines.length === 0) throw invalidPatch(at, "a hunk with no lines below it");
  return hunk;
}

/** One header with numbers, or any number of anchors. */
function readHeaders(reader: PatchReader): Header {
  const anchors: string[] = [];
  while (reader.peek()?.startsWith("@@")) {
    const at = reader.at;
    const line = reader.take().trimEnd();
    if (line.startsWith("@@@")) throw invalidPatch(at, "the combined diff of a merge cannot be applied", line);
    const numbered = numbers(line);
    if (numbered) return { ...numbered, anchors };
    const anchor = anchorText(line);
    if (anchor !== "") anchors.push(anchor);
  }
  return { anchors };
}

function numbers(line: string): Omit<Header, "anchors"> | undefined {
  const match = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))?(?: @@(.*))?$/.exec(line);
  if (!match) return undefined;
  const [start, oldCount, newCount] = [Number(match[1]), Number(match[2] ?? 1), Number(match[4] ?? 1)];
  const heading = match[5]?.trim();
  return {
    expected: Math.max(0, oldCount === 0 ? start : start - 1),
    room: { old: oldCount, new: newCount },
    ...(heading ? { heading } : {}),
  };
}

/** The text of `@@ text`; "" for a bare `@@`, dots, or numbers that are not whole. */
function anchorText(line: string): string {
  const text = line.replace(/^@@ ?/, "").replace(/ ?@@$/, "");
  return /^(\s*|\s*\.{2,}\s*|…|[-+][-+\d,.\s]*)$/.test(text) ? "" : text;
}

function readBody(reader: PatchReader, format: Format, hunk: Hunk, room: Room | undefined): void {
  let bareBlanks = 0;
  for (let line = reader.peek(); line !== undefined && !ends(reader, format, line, room); line = reader.peek()) {
    if (line.startsWith("\\")) {
      markNoNewline(reader, hunk);
      continue;
    }
    bareBlanks = line.trimEnd() === "" && !line.startsWith(" ") ? bareBlanks + 1 : 0;
    hunk.lines.push(bodyLine(reader, line));
    if (room) count(room, hunk);
  }
  close(hunk, room, bareBlanks);
}

function close(hunk: Hunk, room: Room | undefined, bareBlanks: number): void {
  if (room && !isFull(room)) hunk.miscounted = true;
  // Without counts, empty lines at the end stand between hunks rather than for empty lines of the file.
  if (!room || hunk.miscounted) hunk.lines.length -= bareBlanks;
}

function count(room: Room, hunk: Hunk): void {
  if (isFull(room)) hunk.miscounted = true;
  const mark = hunk.lines.at(-1)?.mark;
  if (mark !== "+") room.old -= 1;
  if (mark !== "-") room.new -= 1;
}

const isFull = (room: Room): boolean => room.old <= 0 && room.new <= 0;

function bodyLine(reader: PatchReader, line: string): HunkLine {
  const mark = line.charAt(0);
  if (mark !== " " && mark !== "+" && mark !== "-" && line.trimEnd() !== "") {
    const reason = 'expected a line that starts with " ", "+" or "-", an @@ line or the header of the next file';
    throw invalidPatch(reader.at, reason, line);
  }
  reader.take();
  if (mark === " " || mark === "+" || mark === "-") return { mark, line: `${line.slice(1)}\n` };
  return { mark: " ", line: `${line}\n` };
}

function markNoNewline(reader: PatchReader, hunk: Hunk): void {
  const last = hunk.lines.at(-1);
  if (!last) throw invalidPatch(reader.at, "a newline mark with no line before it", reader.peek());
  reader.take();
  last.line = last.line.replace(/\n$/, "");
  hunk.marksNewline = true;
}

/** Whether the hunk is over. While its counts promise lines, what can be one of them is one. */
function ends(reader: PatchReader, format: Format, line: string, room: Room | undefined): boolean {
  if (line.startsWith("@@") || /^(diff -|Index: |\*\*\* )/.test(line)) return true;
  if (room && (isFull(room) ? line.trim() === "" : reader.blankToEnd)) return true;
  return format === "unified" && endsUnified(reader, line, room);
}

function endsUnified(reader: PatchReader, line: string, room: Room | undefined): boolean {
  const promised = room !== undefined && !isFull(room);
  if (!promised && isSignature(reader, line)) return true;
  return namesFiles(reader) && !(room?.old === 1 && room.new === 1);
}

/** The `-- ` above the version that `git format-patch` ends with. */
export const isSignature = (reader: PatchReader, line: string): boolean => /^-- ?$/.test(line) && reader.left <= 4;

/** Whether a `---`, `+++`, `@@` header of the next file stands here. */
const namesFiles = (reader: PatchReader): boolean =>
  /^--- \S/.test(reader.peek() ?? "") &&
  /^\+\+\+ \S/.test(reader.peek(1) ?? "") &&
  (reader.peek(2)?.startsWith("@@") ?? false);
