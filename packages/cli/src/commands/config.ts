/** Every setting, its value, and where that comes from. */
import { configKeys, environmentName } from "@paddock/contract";
import type { CommandContext } from "../command.ts";
import { loadConfig } from "../config.ts";
import { type Shown, table } from "../shown.ts";

export async function run({ places, environment }: CommandContext): Promise<Shown> {
  const { values, origins } = loadConfig(places, environment);
  const settings = configKeys.map((key) => ({
    key,
    value: values[key] ?? null,
    origin: origins[key],
    environment: environmentName(key),
  }));
  const rows = settings.map(({ key, value, origin = "default", environment: variable }) => [
    ...[key, value === null ? "-" : JSON.stringify(value)],
    origin === "environment" ? `environment, ${variable}` : origin,
  ]);
  return {
    json: { home: places.home, file: places.configFile, settings },
    text: `${table(["KEY", "VALUE", "FROM"], rows)}\n\nState: ${places.home}\nFile:  ${places.configFile}`,
  };
}
