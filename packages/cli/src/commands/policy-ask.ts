/** Adds a rule that asks. */
import type { CommandContext } from "../command.ts";
import { addRule } from "../policy/add.ts";

export const run = (context: CommandContext) => addRule("ask", context);
