/** Gives a setting another value in the owner's file. It counts from the next start on. */
import { type ConfigKey, environmentName } from "@paddock/contract";
import type { CommandContext } from "../command.ts";
import { loadConfig } from "../config.ts";
import { changeSetting, dropOldBackups } from "../config-file.ts";
import type { Shown } from "../shown.ts";

export async function run({ places, environment, args: [key = "", value = ""] }: CommandContext): Promise<Shown> {
  changeSetting(places.configFile, key, value, new Date());
  return changed({ places, environment }, key as ConfigKey);
}

/** What counts now, which may come from elsewhere; how many former versions are kept is a setting, too. */
export function changed(
  { places, environment }: Pick<CommandContext, "places" | "environment">,
  key: ConfigKey,
): Shown {
  const { values, origins } = loadConfig(places, environment);
  dropOldBackups(places.configFile, values.backups_kept);
  const [value, origin] = [values[key] ?? null, origins[key]];
  const still = origin === "environment" ? ` ${environmentName(key)} still comes before the file.` : "";
  return {
    json: { key, value, origin },
    text: `${key} is ${JSON.stringify(value)} from the next start on.${still}`,
  };
}
