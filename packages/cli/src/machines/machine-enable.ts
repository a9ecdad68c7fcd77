/** Takes a machine back that was refused. */
import type { CommandContext } from "../command.ts";
import type { Shown } from "../shown.ts";
import { changed } from "./shown-machines.ts";

export const run = (context: CommandContext): Promise<Shown> =>
  changed(context, context.args[0] ?? "", { disabled: false });
