/** Reads a call's input as its tool declares it. */
import * as z from "zod";
import { PaddockError } from "./errors.ts";
import { invalidInput } from "./invalid-input.ts";
import type { Tool, ToolInput } from "./tool.ts";

/**
 * Throws invalid_input. What the tool does not take is refused and not passed over: a misspelt `dry_run` would become a
 * real change, a misspelt `working_directory` a command in the wrong place.
 */
export function parseInput<T extends Tool>(tool: T, input: unknown): ToolInput<T> {
  if (tool.input instanceof z.ZodObject) refuseUnknown(tool.name, tool.input.shape, input);
  const parsed = tool.input.safeParse(input);
  if (!parsed.success) throw invalidInput(parsed.error);
  return parsed.data as ToolInput<T>;
}

const longestName = 64;

function refuseUnknown(tool: string, shape: z.core.$ZodShape, input: unknown): void {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return;
  for (const name in input) {
    if (Object.hasOwn(shape, name)) continue;
    const takes = Object.keys(shape).join(", ");
    throw new PaddockError(
      "invalid_input",
      `${tool} has no parameter ${JSON.stringify(name.slice(0, longestName))}.`,
      takes === "" ? "Call it without parameters." : `Its parameters are: ${takes}.`,
    );
  }
}
