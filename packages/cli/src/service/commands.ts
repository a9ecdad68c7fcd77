/** The commands that let the system keep Paddock running. */
import type { CommandSpec } from "../command.ts";

const only = ["--only <part>", "hub or runner; both when absent"] as const;

export const serviceCommands: readonly CommandSpec[] = [
  {
    usage: "service install",
    summary: "Let Paddock start when you log in, and again when it ends",
    options: [
      only,
      ["--print", "only print the definition"],
      ["--replace", "replace a definition that says something else; it is kept beside the new one"],
    ],
    examples: ["paddock service install", "paddock service install --only runner", "paddock service install --print"],
    load: () => import("./install.ts"),
  },
  {
    usage: "service uninstall",
    summary: "End the service and forget it; what Paddock keeps stays",
    options: [only],
    load: () => import("./uninstall.ts"),
  },
  {
    usage: "service status",
    summary: "Show whether there is a service, and whether it runs",
    options: [only],
    load: () => import("./status.ts"),
  },
];
