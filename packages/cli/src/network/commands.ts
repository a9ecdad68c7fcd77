/** The commands about what programs in a cage may reach. */
import type { CommandSpec } from "../command.ts";

export const networkCommands: readonly CommandSpec[] = [
  {
    usage: "network list",
    summary: "List the hosts that commands may reach without asking",
    load: () => import("./network-list.ts"),
  },
  {
    usage: "network allow <host>",
    summary: "Let commands reach a host: HOST, HOST:PORT or *.HOST",
    options: [["--internal", "also where it leads into your own network"]],
    examples: ["paddock network allow example.org", "paddock network allow 'db.corp.example:5432' --internal"],
    load: () => import("./network-allow.ts"),
  },
  {
    usage: "network remove <host>",
    summary: "Take a host from the list; connections to it end",
    load: () => import("./network-remove.ts"),
  },
  {
    usage: "git list",
    summary: "List the repositories that commands may reach over HTTPS",
    load: () => import("./git-list.ts"),
  },
  {
    usage: "git allow <url>",
    summary: "Let commands use git with a repository; what runs in cages is ended",
    options: [
      ["--push", "also push; each push asks"],
      ["--token-stdin", "take a token from standard input; no cage ever sees it"],
      ["--user <name>", "the name that goes with the token, git when absent"],
      ["--internal", "the host may be in your own network"],
    ],
    examples: [
      "paddock git allow https://git.example.org/me/shop",
      "paddock git allow https://git.example.org/me/shop --push --token-stdin < token",
    ],
    load: () => import("./git-allow.ts"),
  },
  {
    usage: "git remove <url>",
    summary: "Take a repository away; what runs in cages is ended",
    load: () => import("./git-remove.ts"),
  },
];
