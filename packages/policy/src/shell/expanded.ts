/** What a word becomes when the shell expands it, as far as its text tells. */
import type { Word, WordPart } from "unbash";
import { expandBraces } from "./braces.ts";

export interface Expanded {
  /** null where it depends on the run. */
  text: string | null;
  /** How it begins in any case; all of it when `text` is known. */
  start: string;
  /** The text with what is not known left as it is written: not what it becomes, but what can be seen of it. */
  draft: string;
  /**
   * `one` word in any case; `files`: as many as match a pattern, each with this start; `any` number of words, of which
   * nothing is known.
   */
  count: "one" | "files" | "any";
}

export const fixed = (text: string): Expanded => ({ text, start: text, draft: text, count: "one" });
export const anyWords: Expanded = { text: null, start: "", draft: "", count: "any" };
export const oneWord = (start = "", draft = start): Expanded => ({ text: null, start, draft, count: "one" });

/** An option cannot be hidden in it. */
export const isOperand = ({ start, count }: Expanded): boolean => count !== "any" && /^[^-+]/.test(start);

/** Where a program takes its text from a file, this means its input, or another open one. */
export const isNoFile = ({ start }: Expanded): boolean => /^(-$|\/dev\/(stdin|fd\/)|\/proc\/)/.test(start);

/** More than one for braces only. */
export function expand(word: Word): readonly Expanded[] {
  if (!mayHaveBraces(word)) return [expandWhole(word)];
  const words = expandBraces(word.text)?.filter((text) => text !== "");
  return words?.map(fixed) ?? [{ ...anyWords, draft: word.value }];
}

/** Bash finds alternatives where other readers see none: `{a},b}` is `a}` and `b`. So whatever looks like them counts. */
function mayHaveBraces({ text, parts }: Word): boolean {
  if (parts?.some(({ type }) => type === "BraceExpansion")) return true;
  const plain = parts?.map((part) => (part.type === "Literal" ? part.text : " ")).join("") ?? text;
  const between = plain.slice(plain.indexOf("{") + 1, Math.max(0, plain.lastIndexOf("}")));
  return plain.includes("{") && (between.includes(",") || between.includes(".."));
}

function expandWhole({ text, value, parts }: Word): Expanded {
  if (text.startsWith("~")) return oneWord("~", value);
  if (parts === undefined) return fixed(value);
  const found = parts.map(expandPart);
  const unknown = found.findIndex((part) => part.text === null);
  const start = found.slice(0, unknown < 0 ? undefined : unknown + 1).reduce((before, part) => before + part.start, "");
  const counts = found.map(({ count }) => count);
  if (counts.includes("any")) return { ...anyWords, draft: value };
  return { text: unknown < 0 ? start : null, start, draft: value, count: counts.includes("files") ? "files" : "one" };
}

/** Escapes that mean the same in every version of bash and in every locale, and end no text early. */
const plainEscapes =
  /^\$'(?:[^\\']|\\[abeEfnrtv\\'"?]|\\x(?!0[0-9a-f]?(?![0-9a-f]))[0-7][0-9a-f]|\\(?!000)[01][0-7]{2}|\\u00(?!00)[0-7][0-9a-f]|\\U000000(?!00)[0-7][0-9a-f])*'$/i;

function expandPart(part: WordPart): Expanded {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted":
      return fixed(part.value);
    case "AnsiCQuoted":
      return plainEscapes.test(part.text) ? fixed(part.value) : oneWord();
    case "DoubleQuoted":
      return quoted(part.parts);
    case "Glob":
      return { ...anyWords, count: "files" };
    case "ArithmeticExpansion":
      return oneWord();
    case "ProcessSubstitution":
      return oneWord("/dev/fd/");
    case "SimpleExpansion":
      return isNumber(part.text) ? oneWord("0") : anyWords;
    case "ParameterExpansion":
      return part.prefix === "#" ? oneWord("0") : anyWords;
    default:
      return anyWords;
  }
}

function quoted(parts: readonly WordPart[]): Expanded {
  let start = "";
  for (const [index, part] of parts.entries()) {
    if (part.type === "Literal") start += part.value;
    else if (parts.slice(index).some(isList)) return anyWords;
    else return oneWord(start + expandPart(part).start);
  }
  return fixed(start);
}

/** `$#`, `$?`, `$$`, `$!`: digits, whatever happened before. */
const isNumber = (text: string): boolean => /^\$[#?$!]$/.test(text);

/** `"$@"` and `"${a[@]}"` are any number of words. */
const isList = (part: WordPart): boolean =>
  (part.type === "SimpleExpansion" && part.text === "$@") ||
  (part.type === "ParameterExpansion" && /[@*]/.test(part.text));
