/** The one text of a call's input: the same for equal inputs whatever the order of their keys, hashed and sent as it is. */
import { PaddockError } from "@paddock/contract";

const maxDepth = 64;

/** Throws invalid_input for what is no object, or nested too deeply to be meant. */
export function inputText(input: unknown): string {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new PaddockError("invalid_input", "The input of a tool is a JSON object.");
  }
  return JSON.stringify(sorted(input, 0));
}

function sorted(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth === maxDepth)
    throw new PaddockError("invalid_input", `The input is nested deeper than ${maxDepth} levels.`);
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth + 1));
  const entries = Object.entries(value).map(([key, item]) => [key, sorted(item, depth + 1)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
