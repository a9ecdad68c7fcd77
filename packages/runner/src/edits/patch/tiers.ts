/** How closely a line has to match: each tier ignores more than the one before it. */
import type { MatchTier } from "@paddock/contract";
import { bodyOf } from "../text.ts";

/** Lines match in a tier when their keys are equal. Strictest first. */
export const tiers: readonly { name: MatchTier; key: (line: string) => string }[] = [
  { name: "exact", key: (line) => line },
  { name: "line_endings", key: bodyOf },
  { name: "trailing_space", key: (line) => line.trimEnd() },
  { name: "indentation", key: (line) => line.trim() },
  { name: "punctuation", key: (line) => foldPunctuation(line).trim() },
];

/** The looser of two tiers. */
export const looser = (left: MatchTier, right: MatchTier): MatchTier => (rank(left) >= rank(right) ? left : right);

const rank = (tier: MatchTier): number => tiers.findIndex(({ name }) => name === tier);

const folds: readonly [RegExp, string][] = [
  [/[\u2010-\u2015\u2212]/g, "-"],
  [/[\u2018-\u201B]/g, "'"],
  [/[\u201C-\u201F]/g, '"'],
  [/[\u00A0\u2002-\u200A\u202F\u205F\u3000]/g, " "],
];

/** Typographic dashes, quotes and spaces as their ASCII kin. */
export function foldPunctuation(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: asks whether all of it is ASCII
  if (/^[\x00-\x7F]*$/.test(text)) return text;
  return folds.reduce((folded, [pattern, plain]) => folded.replace(pattern, plain), text);
}
