/** Adds a rule that denies. */
import type { CommandContext } from "../command.ts";
import { addRule } from "../policy/add.ts";

export const run = (context: CommandContext) => addRule("deny", context);
