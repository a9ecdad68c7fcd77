/** The commands about machines: on the hub, which may come, and on a machine, which hub it works for. */
import type { CommandSpec } from "../command.ts";

export const machineCommands: readonly CommandSpec[] = [
  {
    usage: "machine invite",
    summary: "On the hub: make a code with which one machine can join; it is shown once",
    options: [
      ["--name <name>", "what the machine is to be called; its host name when absent"],
      ["--label <label...>", "a word, or key=value"],
      ["--minutes <count>", "minutes until the code is over, 60 when absent"],
    ],
    examples: ["paddock machine invite", "paddock machine invite --name build --label os=linux --minutes 10"],
    load: () => import("./machine-invite.ts"),
  },
  {
    usage: "join <url> <code>",
    summary: "On a machine: let a hub use it, and run its runner",
    options: [
      ["--name <name>", "what the hub is to call it"],
      ["--plain", "the address has no TLS, and the way to it is yours"],
      ["--no-run", "join only; `paddock runner` runs it"],
    ],
    examples: [
      "paddock join https://paddock.example.org join_x3v...",
      "paddock join https://paddock.example.org join_x3v... --name build --no-run",
    ],
    load: () => import("./join.ts"),
  },
  {
    usage: "leave",
    summary: "On a machine: forget the hub that it has joined, and the key that the hub knows",
    load: () => import("./leave.ts"),
  },
  { usage: "machine list", summary: "List the machines", load: () => import("./machine-list.ts") },
  { usage: "machine show <name>", summary: "Show one machine", load: () => import("./machine-show.ts") },
  {
    usage: "machine rename <name> <new>",
    summary: "Call a machine something else",
    load: () => import("./machine-rename.ts"),
  },
  {
    usage: "machine label <name> [labels...]",
    summary: "Give a machine these labels instead of those it has",
    examples: ["paddock machine label build os=linux gpu", "paddock machine label build"],
    load: () => import("./machine-label.ts"),
  },
  {
    usage: "machine disable <name>",
    summary: "Refuse a machine; its link ends at once",
    load: () => import("./machine-disable.ts"),
  },
  { usage: "machine enable <name>", summary: "Take a machine back", load: () => import("./machine-enable.ts") },
  {
    usage: "machine rotate-key <name>",
    summary: "Have a machine make another key; the one it had counts no more",
    load: () => import("./machine-rotate-key.ts"),
  },
  {
    usage: "machine rotate-hub-key",
    summary: "On the hub: make another key for the hub itself; its machines follow",
    load: () => import("./machine-rotate-hub-key.ts"),
  },
  {
    usage: "machine remove <name>",
    summary: "Forget a machine; it can come back with a new code only",
    load: () => import("./machine-remove.ts"),
  },
];
