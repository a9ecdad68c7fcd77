/** Adds a rule that allows. */
import type { CommandContext } from "../command.ts";
import { addRule } from "../policy/add.ts";

export const run = (context: CommandContext) => addRule("allow", context);
