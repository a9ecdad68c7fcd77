/** The commands about the owner's account, and the clients that sign in through it. */
import type { CommandSpec } from "../command.ts";

export const clientCommands: readonly CommandSpec[] = [
  {
    usage: "owner create",
    summary: "Make your account, to let clients in and answer questions from a browser",
    options: [["--stdin", "take the password from standard input instead of printing a link to set it"]],
    examples: ["paddock owner create", "paddock owner create --stdin < password-file"],
    load: () => import("./owner-create.ts"),
  },
  {
    usage: "owner reset",
    summary: "Give your account a new password; signs out every browser",
    options: [["--stdin", "take the password from standard input instead of printing a link to set it"]],
    load: () => import("./owner-reset.ts"),
  },
  {
    usage: "client list",
    summary: "List the clients that you let in",
    load: () => import("./client-list.ts"),
  },
  {
    usage: "client show <id>",
    summary: "Show a client: what it may do, until when, where its answers go",
    load: () => import("./client-show.ts"),
  },
  {
    usage: "client add <name>",
    summary: "Make a client known that neither describes nor registers itself",
    options: [
      ["--redirect <url...>", "where its answers go; the client's documentation says"],
      ["--secret <method>", "with a secret that it sends by post or basic"],
    ],
    examples: [
      "paddock client add my-tool --redirect http://127.0.0.1/callback",
      "paddock client add my-service --redirect https://service.example/callback --secret post",
    ],
    load: () => import("./client-add.ts"),
  },
  {
    usage: "client revoke <id>",
    summary: "End at once what a client may do, or all that a client of this id has",
    examples: ["paddock client revoke cns_01j...", "paddock client revoke https://chatgpt.com/client.json"],
    load: () => import("./client-revoke.ts"),
  },
];
