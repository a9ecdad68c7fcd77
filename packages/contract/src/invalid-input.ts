/** Turns what a schema complains about into one sentence a caller can act on. */
import type * as z from "zod";
import { PaddockError } from "./errors.ts";

const shown = 3;
const empty = /^Too small: expected (?:string|array) to have >=1 (?:characters|items)$/;
const missing = /^Invalid input: expected (.+), received undefined$/;

export function invalidInput(error: z.ZodError): PaddockError {
  const said = error.issues.slice(0, shown).map(({ path, message }) => {
    const field = path.map(String).join(".");
    return field === ""
      ? message
      : `${field}: ${message.replace(missing, "missing, expected $1").replace(empty, "empty")}`;
  });
  const more = error.issues.length > shown ? ` (and ${error.issues.length - shown} more)` : "";
  return new PaddockError("invalid_input", `${said.join("; ")}${more}`);
}
