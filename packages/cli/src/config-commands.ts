/** The commands about settings. */
import type { CommandSpec } from "./command.ts";

export const configCommands: readonly CommandSpec[] = [
  {
    usage: "config",
    summary: "Show every setting and where it comes from",
    load: () => import("./commands/config.ts"),
  },
  {
    usage: "config set <key> <value>",
    summary: "Write a setting into the settings file",
    examples: ["paddock config set network none", `paddock config set hidden_paths '[".env"]'`],
    load: () => import("./commands/config-set.ts"),
  },
  {
    usage: "config unset <key>",
    summary: "Take a setting out of the settings file",
    load: () => import("./commands/config-unset.ts"),
  },
];
