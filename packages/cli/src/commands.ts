/** Every command there is. Each is loaded when it is used, so that none waits for the others. */
import { clientCommands } from "./clients/commands.ts";
import type { CommandSpec } from "./command.ts";
import { configCommands } from "./config-commands.ts";
import { machineCommands } from "./machines/commands.ts";
import { networkCommands } from "./network/commands.ts";
import { passphraseCommands } from "./passphrase/commands.ts";
import { policyCommands } from "./policy/commands.ts";
import { serviceCommands } from "./service/commands.ts";
import { tunnelCommands } from "./tunnel/commands.ts";

const workspaceOption = ["--workspace <dir>", "work in this directory"] as const;

/** The first words that have verbs of their own. */
export const groups: Readonly<Record<string, string>> = {
  machine: "Machines that work for this hub",
  run: "Look at what was called, and end it",
  token: "Tokens for clients",
  owner: "Your account",
  client: "Clients that sign in",
  grant: "Answers that hold for some minutes",
  device: "Devices that answer for you",
  passphrase: "What you are asked for before you widen anything",
  root: "Directories that clients may work in",
  network: "Hosts that commands may reach",
  git: "Repositories that commands may fetch from and push to",
  service: "Paddock as a service of this system",
  bridge: "MCP servers of this machine that agents may use",
  notify: "Ways to reach you",
  tunnel: "Ways in from outside",
  policy: "What may happen",
  audit: "What has happened",
};

export const commands: readonly CommandSpec[] = [
  {
    usage: "up",
    summary: "Start hub and runner, and keep them running",
    options: [
      workspaceOption,
      ["--port <number>", "listen on this port; 0 takes a free one"],
      ["--host <address>", "listen on this address"],
      ["--public-url <url>", "the address that clients reach it by"],
      ["--profile <name>", "readonly, workspace or open"],
      ["--sandbox <kind>", "bwrap, or none to contain nothing"],
    ],
    examples: ["paddock up", "paddock up --workspace ~/src/shop", "paddock up --port 0 --json"],
    load: () => import("./commands/up.ts"),
  },
  { usage: "hub", summary: "Run the hub alone, in the foreground", load: () => import("./commands/hub.ts") },
  { usage: "runner", summary: "Run the runner alone, in the foreground", load: () => import("./commands/runner.ts") },
  {
    usage: "mcp",
    summary: "Serve MCP over standard input and output, without a hub",
    options: [workspaceOption, ["--toolset <name>", "core, full, readonly or coordinator; core when absent"]],
    examples: ["paddock mcp --workspace ~/src/shop"],
    load: () => import("./commands/mcp.ts"),
  },
  {
    usage: "connect [client]",
    summary: "Print what a client has to be told to reach Paddock, or write it into the client's settings",
    options: [
      ["--stdio", "let the client start Paddock itself; needs no token"],
      ["--url <url>", "of a hub elsewhere; PADDOCK_URL when absent, else the one of this machine"],
      ["--auth <kind>", "sign-in or token; by default clients sign in at an https address"],
      ["--write", "put it into the client's own settings file"],
      workspaceOption,
    ],
    examples: [
      "paddock connect",
      "paddock connect claude-code",
      "paddock connect codex --write",
      "paddock connect cursor --stdio",
      "paddock connect claude --url https://paddock.example.org",
    ],
    load: () => import("./commands/connect.ts"),
  },
  {
    usage: "call [tool]",
    summary: "Call a tool; its parameters are flags",
    options: [
      ["--list", "list the tools"],
      ["--input <json>", "all parameters as one JSON object; - reads it from standard input"],
      workspaceOption,
      ["--idempotency-key <key>", "run it once, however often it is sent"],
    ],
    examples: [
      "paddock call --list",
      "paddock call read_text_file --path README.md",
      "paddock call run_command --command 'npm test' --json",
      "paddock call edit_file --help",
    ],
    passThrough: true,
    load: () => import("./commands/call.ts"),
  },
  {
    usage: "run list",
    summary: "List the latest runs",
    options: [["--limit <count>", "at most so many, 20 when absent"]],
    load: () => import("./commands/run-list.ts"),
  },
  { usage: "run cancel <id>", summary: "Ask a run to end", load: () => import("./commands/run-cancel.ts") },
  { usage: "run show <id>", summary: "Show a run and its answer", load: () => import("./commands/run-show.ts") },
  {
    usage: "approve [id]",
    summary: "List what waits for you, or answer it",
    options: [
      ["--deny", "say no"],
      ["--reason <text>", "with --deny: told to the caller as your words"],
      ["--for <minutes>", "allow the very same request for so many minutes"],
      ["--always", "allow it from now on, by the rule that stands under the question"],
      ["--server", "with --for: every tool of the bridged server"],
      ["--hub", "through the hub instead of on this machine"],
      ["--device <file>", "sign the answer with the key of an enrolled device"],
      ["--seen <code>", "with --device: the code that stands under the question you have read"],
      ["--content <hash>", "approve a skill, hook or tool list by its hash"],
      ["--watch", "stay, and show questions as they come"],
    ],
    examples: [
      "paddock approve",
      "paddock approve --watch",
      "paddock approve apr_01j... --for 30",
      "paddock approve apr_01j... --deny",
    ],
    load: () => import("./commands/approve.ts"),
  },
  {
    usage: "grant list",
    summary: "List the answers that hold for some minutes",
    load: () => import("./commands/grant-list.ts"),
  },
  { usage: "grant revoke <id>", summary: "Take one back", load: () => import("./commands/grant-revoke.ts") },
  {
    usage: "device new <file>",
    summary: "On a device: make the key it signs with",
    examples: ["paddock device new ~/.config/paddock-device.json"],
    load: () => import("./commands/device-new.ts"),
  },
  {
    usage: "device enrol <name> <key>",
    dashedArguments: true,
    summary: "On the machine: let a device answer questions",
    examples: ["paddock device enrol phone Ig9yq0..."],
    load: () => import("./commands/device-enrol.ts"),
  },
  {
    usage: "device list",
    summary: "List the devices that may answer",
    load: () => import("./commands/device-list.ts"),
  },
  {
    usage: "device remove <id>",
    summary: "Take a device its say",
    load: () => import("./commands/device-remove.ts"),
  },
  {
    usage: "token create",
    summary: "Make a token for a client; it is shown once",
    options: [
      ["--name <name>", "what it is for"],
      ["--toolset <name>", "core, full, readonly or coordinator; core when absent"],
      ["--workspace <dir...>", "only these roots; all of them when absent"],
      ["--machine <name...>", "only these machines; all of them when absent"],
      ["--days <count>", "days until it expires, 90 when absent"],
      ["--metrics", "for a monitor: reads /metrics and calls no tool"],
      ["--stdin", "take the token from standard input instead of making one"],
    ],
    examples: ["paddock token create --name laptop", "paddock token create --name review --toolset readonly --days 7"],
    load: () => import("./commands/token-create.ts"),
  },
  { usage: "token list", summary: "List the tokens", load: () => import("./commands/token-list.ts") },
  {
    usage: "token revoke <id>",
    summary: "End a token at once",
    load: () => import("./commands/token-revoke.ts"),
  },
  ...clientCommands,
  {
    usage: "root add <dir>",
    summary: "Let clients work in a directory",
    options: [["--readonly", "only reading"]],
    examples: ["paddock root add ~/src/shop", "paddock root add /srv/docs --readonly"],
    load: () => import("./commands/root-add.ts"),
  },
  {
    usage: "root deny <path>",
    summary: "Close a file or folder to every tool and every command",
    examples: ["paddock root deny ~/src/shop/.env", "paddock root deny ~/Documents/taxes"],
    load: () => import("./commands/root-deny.ts"),
  },
  {
    usage: "root list",
    summary: "List the directories clients may work in",
    load: () => import("./commands/root-list.ts"),
  },
  {
    usage: "root remove <dir>",
    summary: "Take a directory away again, or open what was closed",
    load: () => import("./commands/root-remove.ts"),
  },
  ...machineCommands,
  ...networkCommands,
  { usage: "bridge list", summary: "List the bridged MCP servers", load: () => import("./commands/bridge-list.ts") },
  {
    usage: "bridge import <program>",
    summary: "Take over the MCP servers of another program, switched off",
    options: [["--workspace <dir>", "also what this project configures"]],
    examples: ["paddock bridge import claude-code", "paddock bridge import codex --workspace ."],
    load: () => import("./commands/bridge-import.ts"),
  },
  {
    usage: "bridge enable <id>",
    summary: "Let agents use a bridged server",
    options: [["--expose <level>", "none, meta_only, allowlist or all"]],
    load: () => import("./commands/bridge-enable.ts"),
  },
  {
    usage: "bridge disable <id>",
    summary: "Take a bridged server away from agents",
    load: () => import("./commands/bridge-disable.ts"),
  },
  {
    usage: "bridge remove <id>",
    summary: "Forget a bridged server",
    load: () => import("./commands/bridge-remove.ts"),
  },
  {
    usage: "notify list",
    summary: "List the ways to reach you, and whether each works",
    load: () => import("./commands/notify-list.ts"),
  },
  {
    usage: "notify test [channel]",
    summary: "Send yourself a message over each of them, or the named one",
    examples: ["paddock notify test", "paddock notify test ntfy"],
    load: () => import("./commands/notify-test.ts"),
  },
  ...tunnelCommands,
  ...passphraseCommands,
  ...policyCommands,
  {
    usage: "audit tail",
    summary: "Show the latest records of what happened",
    options: [["--lines <count>", "so many, 20 when absent"]],
    load: () => import("./commands/audit-tail.ts"),
  },
  {
    usage: "audit verify",
    summary: "Check that nothing was changed or cut off",
    options: [["--witness <file...>", "what another machine keeps of a log here: its audit.other.MACHINE.json"]],
    load: () => import("./commands/audit-verify.ts"),
  },
  {
    usage: "audit accept",
    summary: "Note that you have seen the faults that are there now; new ones are told as before",
    options: [["--reason <text>", "what you found out about them"]],
    examples: ['paddock audit accept --reason "restored from a backup"'],
    load: () => import("./commands/audit-accept.ts"),
  },
  {
    usage: "audit export",
    summary: "Print the records of both logs, one JSON object a line",
    options: [
      ["--since <time>", "from then on: 2026-05-01, 2026-05-01T12:00:00Z, or 90m, 24h, 7d ago"],
      ["--until <time>", "before then"],
      ["--run <id>", "only this run, on both sides"],
      ["--principal <id>", "only what this caller did"],
    ],
    examples: ["paddock audit export --since 24h > records.jsonl", "paddock audit export --run run_01j..."],
    load: () => import("./commands/audit-export.ts"),
  },
  ...serviceCommands,
  ...configCommands,
  { usage: "status", summary: "Show what runs, and where", load: () => import("./commands/status.ts") },
  {
    usage: "doctor",
    summary: "Look for what is wrong, and say what to do",
    load: () => import("./commands/doctor.ts"),
  },
  {
    usage: "completion <shell>",
    summary: "Print a completion script for bash, zsh or fish",
    examples: ["paddock completion bash > ~/.local/share/bash-completion/completions/paddock"],
    load: async () => {
      const { run } = await import("./commands/completion.ts");
      return { run: (context) => run(context, commands) };
    },
  },
];
