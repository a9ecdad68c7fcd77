/** File names in the headers of unified diffs: quoted, prefixed, or with a time behind them. */
import { isUtf8 } from "node:buffer";
import { invalidPatch } from "./patch.ts";

const timePattern = /\s+\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?\s*([+-]\d{2}:?\d{2}|Z|UTC|GMT)?\s*$/;

const maxHeader = 8192;

/** A path has at most 4,096 bytes; quotes and escapes make it longer. */
function refuseLong(text: string, at: number): void {
  if (text.length > maxHeader) throw invalidPatch(at, `a header of more than ${maxHeader} characters`, text);
}

/** The name in a `---` or `+++` line, its time cut off; null for /dev/null. */
export function fileName(text: string, at: number): string | null {
  refuseLong(text, at);
  const name = text.startsWith('"')
    ? unquoted(text, at).name
    : (text.split("\t", 1)[0] ?? "").replace(timePattern, "").trimEnd();
  if (name === "") throw invalidPatch(at, "a header without a file name");
  return name === "/dev/null" ? null : name;
}

/** The name in a `rename from` or similar line, which carries no prefix. */
export function plainName(text: string, at: number): string {
  refuseLong(text, at);
  return text.startsWith('"') ? unquoted(text, at).name : text;
}

/** Both names of a `diff --git` line, which only tells them apart where they are the same or quoted. */
export function gitNames(text: string, at: number): [string, string] | undefined {
  refuseLong(text, at);
  if (text.startsWith('"')) {
    const first = unquoted(text, at);
    return [first.name, plainName(first.rest.trimStart(), at)];
  }
  const quote = text.indexOf(' "');
  if (quote > 0 && text.endsWith('"')) return [text.slice(0, quote), plainName(text.slice(quote + 1), at)];
  const middle = (text.length - 1) / 2;
  const [left, right] = [text.slice(0, middle), text.slice(middle + 1)];
  return text.charAt(middle) === " " && withoutPrefix(left) === withoutPrefix(right)
    ? [left, right]
    : splitAtPrefix(text);
}

function splitAtPrefix(text: string): [string, string] | undefined {
  const places = [...text.matchAll(/ [bwi]\//g)];
  const only = places.length === 1 ? places[0] : undefined;
  return only ? [text.slice(0, only.index), text.slice(only.index + 1)] : undefined;
}

const withoutPrefix = (name: string): string => name.replace(/^[a-z]\//, "");

/** Takes the `a/` and `b/` that git puts before names off both, if both have them. */
export function strip(from: string | null, to: string | null): [string | null, string | null] {
  const pairs = [
    ["a/", "b/"],
    ["i/", "w/"],
    ["c/", "i/"],
    ["c/", "w/"],
    ["o/", "w/"],
  ] as const;
  for (const [left, right] of pairs) {
    const fits = (from === null || from.startsWith(left)) && (to === null || to.startsWith(right));
    if (fits) return [from?.slice(2) ?? null, to?.slice(2) ?? null];
  }
  return [from, to];
}

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, "\\": 92 };

/** Reads a name in C quotes, whose escapes stand for bytes of UTF-8. */
function unquoted(text: string, at: number): { name: string; rest: string } {
  const match = /^"((?:[^"\\]|\\.)*)"/.exec(text);
  if (!match) throw invalidPatch(at, "a quoted name without its closing quote", text);
  const pieces = (match[1] ?? "").match(/\\[0-7]{3}|\\.|[^\\]+/gs) ?? [];
  const bytes = Buffer.concat(pieces.map((piece) => bytesOf(piece, at)));
  if (!isUtf8(bytes)) throw invalidPatch(at, "a name that is not UTF-8", text);
  return { name: bytes.toString("utf8"), rest: text.slice(match[0].length) };
}

function bytesOf(piece: string, at: number): Buffer {
  if (!piece.startsWith("\\")) return Buffer.from(piece, "utf8");
  if (/^\\[0-7]{3}$/.test(piece)) return Buffer.from([Number.parseInt(piece.slice(1), 8) & 0xff]);
  const code = escapes[piece.slice(1)];
  if (code === undefined) throw invalidPatch(at, "an unknown escape in a quoted name", piece);
  return Buffer.from([code]);
}
