/** Reads what is asked on the control socket. */
import { invalidInput, PaddockError } from "@paddock/contract";
import type * as z from "zod";

/** Throws invalid_json. */
export async function bodyOf(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    throw new PaddockError("invalid_json", "The body is not valid JSON.");
  }
}

/** Throws invalid_input. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw invalidInput(result.error);
  return result.data;
}
