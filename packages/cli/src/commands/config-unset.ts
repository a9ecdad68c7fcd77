/** Takes a setting out of the owner's file, so that its default counts again. */
import type { ConfigKey } from "@paddock/contract";
import type { CommandContext } from "../command.ts";
import { changeSetting } from "../config-file.ts";
import type { Shown } from "../shown.ts";
import { changed } from "./config-set.ts";

export async function run({ places, environment, args: [key = ""] }: CommandContext): Promise<Shown> {
  changeSetting(places.configFile, key, null, new Date());
  return changed({ places, environment }, key as ConfigKey);
}
