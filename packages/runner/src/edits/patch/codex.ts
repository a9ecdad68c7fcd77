/** The format between `*** Begin Patch` and `*** End Patch`. */
import { readHunks } from "./hunks.ts";
import { invalidPatch, type Section } from "./patch.ts";
import type { PatchReader } from "./reader.ts";

/** Reads the sections between the markers, which the reader no longer shows. */
export function readCodex(reader: PatchReader): Section[] {
  const sections: Section[] = [];
  for (reader.skipBlank(); reader.left > 0; reader.skipBlank()) sections.push(readSection(reader));
  return sections;
}

const headers = {
  "*** Add File: ": readAdd,
  "*** Delete File: ": (_reader, at, path) => ({ at, type: "delete", path, hunks: [], verified: true }),
  "*** Update File: ": readUpdate,
} as const satisfies Record<string, (reader: PatchReader, at: number, path: string) => Section>;

/** Whether a line is the header of a section. */
export const isCodexHeader = (line: string): boolean =>
  Object.keys(headers).some((start) => line.trim().startsWith(start.trim()));

function readSection(reader: PatchReader): Section {
  const at = reader.at;
  const line = reader.take().trim();
  for (const [start, read] of Object.entries(headers)) {
    if (line.startsWith(start)) return read(reader, at, nameIn(line.slice(start.length), at));
  }
  throw invalidPatch(at, "expected *** Update File: NAME, *** Add File: NAME or *** Delete File: NAME", line);
}

function nameIn(text: string, at: number): string {
  const name = text.trim();
  if (name === "") throw invalidPatch(at, "a header without a file name");
  return name;
}

function readAdd(reader: PatchReader, at: number, path: string): Section {
  const lines: string[] = [];
  while (reader.peek()?.startsWith("+")) lines.push(`${reader.take().slice(1)}\n`);
  if (reader.peek()?.startsWith("\\") && lines.length > 0) {
    reader.take();
    lines.push((lines.pop() ?? "").slice(0, -1));
  }
  const next = nextLine(reader);
  if (next !== undefined && !next.trim().startsWith("*** ")) {
    throw invalidPatch(reader.at, "each line of an added file must start with +", reader.peek());
  }
  return { at, type: "add", path, content: lines.join("") };
}

/** The next line that is not blank; undefined at the end. */
function nextLine(reader: PatchReader): string | undefined {
  let ahead = 0;
  while (reader.peek(ahead)?.trim() === "") ahead += 1;
  return reader.peek(ahead);
}

function readUpdate(reader: PatchReader, at: number, path: string): Section {
  const move = /^\s*\*\*\* Move to: (.*)$/.exec(reader.peek() ?? "");
  const to = move ? nameIn(move[1] ?? "", reader.at) : undefined;
  if (move) reader.take();
  const hunks = readHunks(reader, "codex");
  if (hunks.length === 0 && to === undefined) {
    const found = nextLine(reader);
    throw invalidPatch(reader.at, "an update needs at least one hunk of lines that start with ' ', '+' or '-'", found);
  }
  return { at, type: "update", path, hunks, ...(to === undefined ? {} : { to }) };
}
