/** Brace expansion of words that hold nothing else to expand. */

const maxWords = 64;
const plain = /^[\w./:@%+=,{}-]*$/;
const sequence = /^(-?\d{1,6}|[a-z]|[A-Z])\.\.(-?\d{1,6}|[a-z]|[A-Z])$/;

/** null where it cannot be told, or where it would be very many words. */
export function expandBraces(text: string): string[] | null {
  if (!plain.test(text) || text.length > 1_000) return null;
  return alternatives(text, 0);
}

function alternatives(text: string, depth: number): string[] | null {
  if (depth > 8) return null;
  const group = firstGroup(text);
  if (group === null) return /[{}]/.test(text) ? null : [text];
  const { before, options, after } = group;
  const rests = alternatives(after, depth + 1);
  const heads = options.map((option) => alternatives(option, depth + 1));
  if (rests === null || heads.some((head) => head === null)) return null;
  const words = heads.flatMap((head) => head ?? []).flatMap((head) => rests.map((rest) => before + head + rest));
  return words.length > maxWords ? null : words;
}

interface Group {
  before: string;
  options: string[];
  after: string;
}

function firstGroup(text: string): Group | null {
  const open = text.indexOf("{");
  const cuts = open < 0 ? null : cutsOf(text, open);
  if (cuts === null) return null;
  const parts = cuts.slice(1).map((end, index) => text.slice((cuts[index] ?? 0) + 1, end));
  const options = parts.length > 1 ? parts : range(parts[0] ?? "");
  return options && { before: text.slice(0, open), options, after: text.slice((cuts.at(-1) ?? 0) + 1) };
}

/** Where the group opens, its commas, and where it closes; null where it does not. */
function cutsOf(text: string, open: number): number[] | null {
  const cuts: number[] = [];
  let depth = 0;
  for (const { 0: character, index } of text.slice(open).matchAll(/[{},]/g)) {
    depth += step[character] ?? 0;
    if (depth === 0 || (depth === 1 && character !== "}" && (character === "," || index === 0)))
      cuts.push(open + index);
    if (depth === 0) return cuts;
  }
  return null;
}

const step: Readonly<Record<string, number>> = { "{": 1, "}": -1 };

function range(text: string): string[] | null {
  const [, first = "", last = ""] = sequence.exec(text) ?? [];
  if (first === "" || /^-?0\d/.test(first) || /^-?0\d/.test(last)) return null;
  const isDigits = /\d/.test(first);
  if (isDigits !== /\d/.test(last) || /[a-z]/.test(first) !== /[a-z]/.test(last)) return null;
  const [from, to] = isDigits ? [Number(first), Number(last)] : [first.charCodeAt(0), last.charCodeAt(0)];
  if (Math.abs(to - from) > maxWords) return null;
  const step = from <= to ? 1 : -1;
  const numbers = Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => from + index * step);
  return numbers.map((number) => (isDigits ? `${number}` : String.fromCharCode(number)));
}
