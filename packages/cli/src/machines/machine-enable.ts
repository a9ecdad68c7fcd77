/** Takes a machine back that was refused. */
import type { CommandContext } from "../command.ts";
import { dim, type Shown } from "../shown.ts";
import { changed } from "./shown-machines.ts";

export async function run(context: CommandContext): Promise<Shown> {
  const shown = await changed(context, context.args[0] ?? "", { disabled: false });
  // Its runner tries again now and then.
  return { ...shown, text: `${shown.text}\n${dim("It links by itself, within 40 seconds.")}` };
}
