/** Unified diffs as git and diff write them, and bare hunks. */
import { isSignature, readHunks } from "./hunks.ts";
import { fileName, gitNames, plainName, strip } from "./names.ts";
import { type Hunk, invalidPatch, type Section } from "./patch.ts";
import type { PatchReader } from "./reader.ts";

/** Reads the sections of a diff; bare hunks make one section without a name. */
export function readUnified(reader: PatchReader): Section[] {
  skipMessage(reader);
  const sections: Section[] = [];
  for (reader.skipBlank(); reader.left > 0 && !isSignature(reader, reader.peek() ?? ""); reader.skipBlank()) {
    sections.push(sections.length === 0 && reader.peek()?.startsWith("@@") ? bareHunks(reader) : readSection(reader));
  }
  return sections;
}

export const isUnifiedStart = (line: string): boolean =>
  /^(diff -|--- \S|@@|Index: |From [0-9a-f]{7,64} |commit [0-9a-f]{7,64})/.test(line);

/** What `git format-patch` and `git show` write above the diff. */
function skipMessage(reader: PatchReader): void {
  if (!/^(From|commit) [0-9a-f]{7,64}/.test(reader.peek() ?? "")) return;
  while (reader.left > 0 && !reader.peek()?.startsWith("diff --git ")) reader.take();
}

function bareHunks(reader: PatchReader): Section {
  return { at: reader.at, type: "update", path: null, hunks: readHunks(reader, "unified") };
}

/** What the lines above the hunks say. */
interface Headers {
  at: number;
  names?: [string, string] | undefined;
  /** From `---` and `+++`. */
  from?: string | null;
  to?: string | null;
  kind?: "new" | "deleted" | "rename" | "copy";
  renamed: { from?: string; to?: string };
  executable?: boolean;
}

function readSection(reader: PatchReader): Section {
  const headers: Headers = { at: reader.at, renamed: {} };
  const first = reader.peek() ?? "";
  const known = first.startsWith("diff -") || first.startsWith("Index: ") || /^--- \S/.test(first);
  if (!known) {
    throw invalidPatch(reader.at, "expected diff --git, a --- line, or the *** Begin Patch format", first);
  }
  readExtended(reader, headers);
  readNames(reader, headers);
  return sectionOf(headers, readHunks(reader, "unified"));
}

type Extended = (headers: Headers, rest: string, at: number) => void;

const skip: Extended = () => undefined;

const extended: readonly [RegExp, Extended][] = [
  [/^diff --git /, setNames],
  [/^diff -/, skip],
  [/^old mode /, skip],
  [/^new mode /, setMode],
  [/^new file mode /, setNew],
  [/^deleted file mode /, setDeleted],
  [/^rename from /, setFrom],
  [/^rename to /, (headers, rest, at) => setTo(headers, "rename", rest, at)],
  [/^copy from /, setFrom],
  [/^copy to /, (headers, rest, at) => setTo(headers, "copy", rest, at)],
  [/^(similarity|dissimilarity) index /, skip],
  [/^index [0-9a-f]+\.\.[0-9a-f]+/, skip],
  [/^Index: /, skip],
  [/^={20,}$/, skip],
  [/^(GIT binary patch|Binary files .* differ)/, refuseBinary],
];

function readExtended(reader: PatchReader, headers: Headers): void {
  for (let count = 0; reader.left > 0; count += 1) {
    const line = reader.peek() ?? "";
    if (count > 0 && line.startsWith("diff -")) return;
    const entry = extended.find(([pattern]) => pattern.test(line));
    if (!entry) return;
    const at = reader.at;
    reader.take();
    entry[1](headers, line.trimEnd().replace(entry[0], ""), at);
  }
}

function setNames(headers: Headers, rest: string, at: number): void {
  headers.names = gitNames(rest, at);
}

function setMode(headers: Headers, rest: string, at: number): void {
  if (rest !== "100644" && rest !== "100755") {
    throw invalidPatch(at, "only regular files (modes 100644 and 100755) can be patched", rest);
  }
  headers.executable = rest === "100755";
}

function setNew(headers: Headers, rest: string, at: number): void {
  headers.kind = "new";
  setMode(headers, rest, at);
}

function setDeleted(headers: Headers): void {
  headers.kind = "deleted";
}

function setFrom(headers: Headers, rest: string, at: number): void {
  headers.renamed.from = plainName(rest, at);
}

function setTo(headers: Headers, kind: "rename" | "copy", rest: string, at: number): void {
  headers.kind = kind;
  headers.renamed.to = plainName(rest, at);
}

function refuseBinary(_headers: Headers, _rest: string, at: number): never {
  throw invalidPatch(at, "binary content cannot be patched; use write_file_base64");
}

function readNames(reader: PatchReader, headers: Headers): void {
  const old = reader.peek() ?? "";
  if (!/^--- \S/.test(old)) return;
  if (!/^\+\+\+ \S/.test(reader.peek(1) ?? ""))
    throw invalidPatch(reader.at + 1, "expected a +++ line", reader.peek(1));
  headers.from = fileName(reader.take().slice(4), reader.at - 1);
  headers.to = fileName(reader.take().slice(4), reader.at - 1);
}

function sectionOf(headers: Headers, hunks: readonly Hunk[]): Section {
  const { at, kind, executable } = headers;
  const mode = executable === undefined ? {} : { executable };
  const [from, to] = namesOf(headers);
  if (from === null && to === null) throw invalidPatch(at, "both sides of the change are /dev/null");
  if (to === null) return { at, type: "delete", path: from ?? "", hunks, verified: false };
  if (from === null) return { at, type: "add", path: to, content: addedContent(hunks, at), ...mode };
  const moved = kind === undefined ? { implied: true } : { copy: kind === "copy" };
  const renamed = from === to ? {} : { to, ...moved };
  if (hunks.length === 0 && from === to && executable === undefined)
    throw invalidPatch(at, "a header with no hunks below it");
  return { at, type: "update", path: from, hunks, ...renamed, ...mode };
}

/** The names before and after; null on the side that is not there. */
function namesOf({ at, names, from, to, kind, renamed }: Headers): [string | null, string | null] {
  if (renamed.from !== undefined && renamed.to !== undefined) return [renamed.from, renamed.to];
  const given = from !== undefined && to !== undefined ? strip(from, to) : names && strip(...names);
  if (!given) throw invalidPatch(at, "the header names no file; add --- and +++ lines");
  if (kind === "new") return [null, given[1]];
  if (kind === "deleted") return [given[0], null];
  return given;
}

function addedContent(hunks: readonly Hunk[], at: number): string {
  const lines = hunks.flatMap((hunk) => hunk.lines);
  if (hunks.length > 1 || lines.some((line) => line.mark !== "+")) {
    throw invalidPatch(hunks[0]?.at ?? at, "a new file takes one hunk of lines that start with +");
  }
  return lines.map(({ line }) => line).join("");
}
