/**
 * Find and replace of literal text. The text must stand there exactly, in one place unless all are wanted. Only line
 * endings are forgiven: a caller who writes "\n" alone means the file's own endings, and new lines get them too.
 */
import { type MatchTier, PaddockError } from "@paddock/contract";
import { describeNearest } from "./nearest.ts";
import { splitLines } from "./text.ts";

export interface Replacement {
  oldText: string;
  newText: string;
  replaceAll: boolean;
}

export interface Replaced {
  content: string;
  count: number;
  match: MatchTier;
}

export interface ReplaceOptions {
  /** How messages call the file. */
  name: string;
  /** How messages call the edit, such as "Edit 2 of 3: ". */
  label?: string;
  /** Most characters of the result. */
  maxCharacters: number;
}

/** Throws no_change, text_not_found, text_ambiguous or file_too_large. */
export function replaceText(content: string, replacement: Replacement, options: ReplaceOptions): Replaced {
  const { oldText, newText, replaceAll } = replacement;
  const label = options.label ?? "";
  if (oldText === newText) throw new PaddockError("no_change", `${label}The old and the new text are the same.`);
  const endings = content.includes("\r\n") && !oldText.includes("\r") && !newText.includes("\r");
  const found = endings ? undefined : search(content, oldText, replaceAll);
  if (found && found.length > 0) {
    checkUnique(content, found, replaceAll, options);
    checkSize(content, found.length, oldText, newText, options);
    return { content: literal(content, found, oldText.length, newText), count: found.length, match: "exact" };
  }
  return replaceFolded(content, replacement, options);
}

/** Most places that are looked for where one is wanted: enough to list them. */
const maxListed = 11;

/** Where the text stands: without overlap for all of them, else with, so that every place counts as one to choose from. */
function search(content: string, text: string, all: boolean): number[] {
  const places: number[] = [];
  const step = all ? text.length : 1;
  for (let at = content.indexOf(text); at !== -1; at = content.indexOf(text, at + step)) {
    places.push(at);
    if (!all && places.length === maxListed) break;
  }
  return places;
}

function checkUnique(content: string, places: readonly number[], all: boolean, options: ReplaceOptions): void {
  if (all || places.length === 1) return;
  const lines = places.slice(0, maxListed - 1).map((at) => lineAt(content, at));
  const count = places.length < maxListed ? String(places.length) : "more than 10";
  throw new PaddockError(
    "text_ambiguous",
    `${options.label ?? ""}The old text stands at ${count} places in ${options.name}: lines ${lines.join(", ")}.`,
    undefined,
    { candidates: lines },
  );
}

function lineAt(content: string, offset: number): number {
  let line = 1;
  for (let at = content.indexOf("\n"); at !== -1 && at < offset; at = content.indexOf("\n", at + 1)) line += 1;
  return line;
}

function checkSize(content: string, count: number, oldText: string, newText: string, options: ReplaceOptions): void {
  const size = content.length + count * (newText.length - oldText.length);
  if (size <= options.maxCharacters) return;
  throw new PaddockError(
    "file_too_large",
    `${options.name} would grow to ${size} characters; ${options.maxCharacters} are the most.`,
  );
}

function literal(content: string, places: readonly number[], length: number, newText: string): string {
  const pieces: string[] = [];
  let from = 0;
  for (const at of places) {
    pieces.push(content.slice(from, at), newText);
    from = at + length;
  }
  pieces.push(content.slice(from));
  return pieces.join("");
}

const unified = (text: string): string => text.replaceAll("\r\n", "\n");

/** The same with every "\r\n" taken for "\n", on both sides. */
function replaceFolded(content: string, replacement: Replacement, options: ReplaceOptions): Replaced {
  const folded = unified(content);
  const [oldText, newText] = [unified(replacement.oldText), unified(replacement.newText)];
  const places = search(folded, oldText, replacement.replaceAll);
  if (places.length === 0) throw notFound(content, replacement.oldText, options);
  checkUnique(folded, places, replacement.replaceAll, options);
  checkSize(content, places.length, oldText, newText.replaceAll("\n", "\r\n"), options);
  const original = offsetsIn(content);
  const pieces: string[] = [];
  let from = 0;
  let exact = true;
  for (const place of places) {
    const [start, end] = [original(place), original(place + oldText.length)];
    const region = content.slice(start, end);
    const fitted = withEndings(newText, endingsFor(content, region, end));
    exact &&= region === replacement.oldText && fitted === replacement.newText;
    pieces.push(content.slice(from, start), fitted);
    from = end;
  }
  pieces.push(content.slice(from));
  return { content: pieces.join(""), count: places.length, match: exact ? "exact" : "line_endings" };
}

/** Maps rising offsets of the folded content to the content itself; each "\r\n" before one moves it by one. */
function offsetsIn(content: string): (offset: number) => number {
  let shift = 0;
  let next = content.indexOf("\r\n");
  return (offset) => {
    while (next !== -1 && next - shift < offset) {
      shift += 1;
      next = content.indexOf("\r\n", next + 2);
    }
    return offset + shift;
  };
}

/** The endings inside the replaced text, or else of the line that it ends on. */
function endingsFor(content: string, region: string, end: number): string[] {
  const inside = region.match(/\r?\n/g);
  if (inside) return inside;
  const next = content.indexOf("\n", end);
  const line = next === -1 ? content.lastIndexOf("\n", end) : next;
  return [content.charAt(line - 1) === "\r" ? "\r\n" : "\n"];
}

/** The text with its line breaks replaced by the given endings in turn, the last one as often as needed. */
function withEndings(text: string, endings: readonly string[]): string {
  let at = 0;
  return text.replace(/\n/g, () => {
    const ending = endings[Math.min(at, endings.length - 1)] ?? "\n";
    at += 1;
    return ending;
  });
}

function notFound(content: string, oldText: string, { name, label = "" }: ReplaceOptions): PaddockError {
  const nearest = describeNearest(splitLines(content), splitLines(oldText));
  const message = `${label}The old text is not in ${name}. ${nearest.text}`;
  return new PaddockError("text_not_found", message, undefined, nearest.details);
}
