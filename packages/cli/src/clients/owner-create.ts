/** Makes the owner's account. */
import type { CommandContext } from "../command.ts";
import type { Shown } from "../shown.ts";
import { setUpOwner } from "./set-up-owner.ts";

export const run = (context: CommandContext): Promise<Shown> => setUpOwner(context, false);
