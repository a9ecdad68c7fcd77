/** What an audit record may hold of a value: masked, and what is long, deep or much is cut, visibly. */

const maxText = 200;
const maxKey = 64;
const maxItems = 20;
const maxDepth = 4;
/** Values in one record: a caller must not be able to fill the log, and so push out what is older. */
const maxValues = 100;

export type Mask = (text: string) => string;

/** `mask` goes over every text. */
export const shortened = (value: unknown, mask: Mask): unknown => shorten(value, mask, 0, { left: maxValues });

function shorten(input: unknown, mask: Mask, depth: number, budget: { left: number }): unknown {
  budget.left -= 1;
  if (typeof input === "string") return shortenText(input, mask);
  if (typeof input !== "object" || input === null) return input;
  if (depth === maxDepth) return "...";
  const inner = (value: unknown): unknown => (budget.left > 0 ? shorten(value, mask, depth + 1, budget) : "...");
  if (Array.isArray(input)) {
    const kept = input.slice(0, maxItems).map(inner);
    return input.length > maxItems ? [...kept, `... ${input.length - maxItems} more`] : kept;
  }
  const entries = Object.entries(input);
  const kept = entries.slice(0, maxItems).map(([key, value]) => [mask(key.slice(0, maxKey)), inner(value)]);
  return Object.fromEntries(entries.length > maxItems ? [...kept, ["...", `${entries.length - maxItems} more`]] : kept);
}

/** Masks a little more than is kept, so that a secret across the cut does not escape the mask. */
const shortenText = (text: string, mask: Mask): string => {
  const masked = mask(text.slice(0, maxText * 10));
  return masked.length > maxText ? `${masked.slice(0, maxText)}... ${text.length} characters` : masked;
};
