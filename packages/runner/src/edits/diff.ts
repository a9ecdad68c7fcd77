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
  const to = options.to ?? path;
  for (const line of header(before, after, path, to, changes.length > 0)) out.add(line);
  for (const hunk of hunksOf(changes)) {
    writeHunk(out, hunk, oldLines, newLines);
    if (out.full) break;
  }
  const added = changes.reduce((sum, change) => sum + change.newCount, 0);
  const removed = changes.reduce((sum, change) => sum + change.oldCount, 0);
  return { text: out.text(), truncated: out.full, added, removed };
}

function header(before: string | null, after: string | null, from: string, to: string, changed: boolean): string[] {
  const [oldName, newName] = [prefixed("a", from), prefixed("b", to)];
  const lines: string[] = [];
  if (before === null || after === null || from !== to) lines.push(`diff --git ${oldName} ${newName}\n`);
  if (before === null) lines.push("new file mode 100644\n");
  if (after === null) lines.push("deleted file mode 100644\n");
  if (from !== to) lines.push(`rename from ${quotedName(from)}\n`, `rename to ${quotedName(to)}\n`);
  if (changed) {
    lines.push(`--- ${before === null ? "/dev/null" : tabbed(oldName)}\n`);
    lines.push(`+++ ${after === null ? "/dev/null" : tabbed(newName)}\n`);
  }
  return lines;
}

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
