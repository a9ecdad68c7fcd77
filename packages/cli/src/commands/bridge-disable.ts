/** Takes a bridged server away from agents; its entry stays. */
import type { CommandContext } from "../command.ts";
import type { Shown } from "../shown.ts";
import { change } from "./bridge-enable.ts";

export async function run(context: CommandContext): Promise<Shown> {
  return change(context, (server) => ({ ...server, enabled: false }));
}
