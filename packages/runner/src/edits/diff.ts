/**
 * Unified diffs as git writes them: three lines of context, `a/` and `b/` names, `/dev/null` for a side that is not there,
 * and a mark where the last line has no newline. What it returns can be applied again, unless it was cut short.
 */
import { type Change, changesBetween } from "./align.ts";
import { splitLines } from "./text.ts";

export interface UnifiedDiff {
  text: string;
  /** The text was cut at the byte limit; `added` and `removed` still count everything. */
  truncated: boolean;
  added: number;
  removed: number;
}

export interface DiffOptions {
  /** The new name, where it differs from the old one. */
  to?: string;
  /** Whether the file may be run, before and after; for a side that is there. */
  executable?: { before: boolean; after: boolean };
  /** 100,000 when absent. */
  maxBytes?: number;
}

const context = 3;

/** The diff from one content to another; null stands for no file. `path` is shown as it is given. */
export function unifiedDiff(
  before: string | null,
  after: string | null,
  path: string,
  options: DiffOptions = {},
): UnifiedDiff {
  const oldLines = splitLines(before ?? "");
  const newLines = splitLines(after ?? "");
  const changes = changesBetween(oldLines, newLines);
  const out = new Output(options.maxBytes ?? 100_000);
  for (const line of header(before, after, path, options)) out.add(line);
  if (changes.length > 0) for (const line of names(before, after, path, options.to ?? path)) out.add(line);
  for (const hunk of hunksOf(changes)) {
    writeHunk(out, hunk, oldLines, newLines);
    if (out.full) break;
  }
  const added = changes.reduce((sum, change) => sum + change.newCount, 0);
  const removed = changes.reduce((sum, change) => sum + change.oldCount, 0);
  return { text: out.text(), truncated: out.full, added, removed };
}

/** The lines that git puts above a change that is more than lines. */
function header(before: string | null, after: string | null, from: string, options: DiffOptions): string[] {
  const { to = from, executable } = options;
  const [oldMode, newMode] = [executable?.before, executable?.after].map((runs) => (runs ? "100755" : "100644"));
  const lines: string[] = [];
  if (before === null) lines.push(`new file mode ${newMode}\n`);
  else if (after === null) lines.push(`deleted file mode ${oldMode}\n`);
  else if (oldMode !== newMode) lines.push(`old mode ${oldMode}\n`, `new mode ${newMode}\n`);
  if (from !== to) lines.push(`rename from ${quotedName(from)}\n`, `rename to ${quotedName(to)}\n`);
  return lines.length > 0 ? [`diff --git ${prefixed("a", from)} ${prefixed("b", to)}\n`, ...lines] : [];
}

const names = (before: string | null, after: string | null, from: string, to: string): string[] => [
  `--- ${before === null ? "/dev/null" : tabbed(prefixed("a", from))}\n`,
  `+++ ${after === null ? "/dev/null" : tabbed(prefixed("b", to))}\n`,
];

const prefixed = (side: "a" | "b", path: string): string => quotedName(path.startsWith("/") ? path : `${side}/${path}`);
/** A tab ends a name with spaces, so that nothing after it can be taken for part of it. */
const tabbed = (name: string): string => (name.includes(" ") ? `${name}\t` : name);

const escapes: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\" };

function quotedName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to be quoted
  const special = /[\x00-\x1f\x7f"\\]/g;
  if (!special.test(name)) return name;
  const octal = (character: string) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
  return `"${name.replace(special, (character) => escapes[character] ?? octal(character))}"`;
}

/** Groups changes whose context touches. */
function hunksOf(changes: readonly Change[]): Change[][] {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1)?.at(-1);
    if (last && change.oldStart - (last.oldStart + last.oldCount) <= 2 * context) hunks.at(-1)?.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

function writeHunk(
  out: Output,
  hunk: readonly Change[],
  oldLines: readonly string[],
  newLines: readonly string[],
): void {
  const [first, last] = [hunk[0], hunk.at(-1)];
  if (!first || !last) return;
  const lead = Math.min(context, first.oldStart);
  const trail = Math.min(context, oldLines.length - last.oldStart - last.oldCount);
  const oldCount = last.oldStart + last.oldCount + trail - (first.oldStart - lead);
  const newCount = last.newStart + last.newCount + trail - (first.newStart - lead);
  out.add(`@@ -${range(first.oldStart - lead, oldCount)} +${range(first.newStart - lead, newCount)} @@\n`);
  let at = first.oldStart - lead;
  for (const change of hunk) {
    out.addLines(" ", oldLines, at, change.oldStart);
    out.addLines("-", oldLines, change.oldStart, change.oldStart + change.oldCount);
    out.addLines("+", newLines, change.newStart, change.newStart + change.newCount);
    at = change.oldStart + change.oldCount;
  }
  out.addLines(" ", oldLines, at, at + trail);
}

/** Lines are counted from 1, but an empty range names the line before it. */
function range(start: number, count: number): string {
  if (count === 1) return String(start + 1);
  return count === 0 ? `${start},0` : `${start + 1},${count}`;
}

/** Lines up to a limit of bytes; from the first that does not fit, nothing is taken. */
class Output {
  full = false;
  readonly #lines: string[] = [];
  #room: number;

  constructor(maxBytes: number) {
    this.#room = maxBytes;
  }

  add(line: string): void {
    if (this.full) return;
    this.#room -= line.length * 3 <= this.#room ? line.length : Buffer.byteLength(line);
    if (this.#room < 0) this.full = true;
    else this.#lines.push(line);
  }

  addLines(mark: " " | "-" | "+", lines: readonly string[], start: number, end: number): void {
    for (let at = start; at < end && !this.full; at += 1) {
      const line = lines[at] ?? "";
      this.add(line.endsWith("\n") ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`);
    }
  }

  text(): string {
    return this.#lines.join("");
  }
}
