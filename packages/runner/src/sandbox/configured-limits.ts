/** The limits of a cage as the settings name them. */
import type { Config, ConfigKey } from "@paddock/contract";
import type { Limits } from "./cage.ts";

const keys = {
  memoryBytes: "memory_bytes",
  cpus: "max_cpus",
  pids: "max_pids",
  tmpBytes: "tmp_bytes",
  openFiles: "max_open_files",
  fileBytes: "max_file_bytes",
} as const satisfies Record<keyof Limits, ConfigKey>;

const names = Object.keys(keys) as (keyof Limits)[];

export const limitsOf = (config: Config): Limits =>
  Object.fromEntries(names.map((name) => [name, config[keys[name]]])) as unknown as Limits;

/** Those that the owner has set, and that the machine therefore has to hold. */
export const configuredLimits = (configured: readonly ConfigKey[]): (keyof Limits)[] =>
  names.filter((name) => configured.includes(keys[name]));
