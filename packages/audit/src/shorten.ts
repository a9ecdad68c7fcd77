/**
 * What an audit record may hold of a value: without secrets, and what is long, deep or much is cut, visibly. A secret is told
 * by its own shape, by the name it has in an object, and by the flag or name that stands before it in a list.
 */
import { hidden, isSecretName } from "@paddock/contract";

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
    const kept = input.slice(0, maxItems).map((item, at) => (isAnnounced(input[at - 1], item) ? hidden : inner(item)));
    return input.length > maxItems ? [...kept, `... ${input.length - maxItems} more`] : kept;
  }
  const entries = Object.entries(input);
  const isPair = "value" in input && namesSecret(Reflect.get(input, "name") ?? Reflect.get(input, "key"));
  const kept = entries.slice(0, maxItems).map(([key, value]) => {
    const isSecret = hasContent(value) && (isSecretName(key) || (isPair && key === "value"));
    return [mask(key.slice(0, maxKey)), isSecret ? hidden : inner(value)];
  });
  return Object.fromEntries(entries.length > maxItems ? [...kept, ["...", `${entries.length - maxItems} more`]] : kept);
}

const hasContent = (value: unknown): boolean => value !== null && value !== "" && typeof value !== "boolean";
const namesSecret = (name: unknown): boolean => typeof name === "string" && isSecretName(name);

/** `["--token", "x"]`: what follows a flag that names a secret is one, unless it is a flag itself. */
const isAnnounced = (before: unknown, item: unknown): boolean =>
  typeof before === "string" &&
  /^--?[\w-]{1,64}$/.test(before) &&
  isSecretName(before) &&
  hasContent(item) &&
  !(typeof item === "string" && item.startsWith("--"));

/** Masks a little more than is kept, so that a secret across the cut does not escape the mask. */
const shortenText = (text: string, mask: Mask): string => {
  const masked = mask(text.slice(0, maxText * 10));
  return masked.length > maxText ? `${masked.slice(0, maxText)}... ${text.length} characters` : masked;
};
