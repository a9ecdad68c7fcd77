/** What is said once hub and runner serve: what runs, and how to go on. Every line can be copied as it stands. */
import { commandFile, ownCommand, pageOf } from "../own-command.ts";
import { bold, dim, paint, printable } from "../shown.ts";

export interface UpFacts {
  address: string;
  workspace: string;
  profile: string;
  sandbox: string;
  /** Default protections that this machine cannot give. */
  missing?: readonly string[];
}

const profiles: Readonly<Record<string, string>> = {
  readonly: "agents look, and change nothing",
  workspace: "agents change what lies in the workspace",
  open: "agents see and change the whole machine, short of your credentials",
};

export function welcome(facts: UpFacts, environment: NodeJS.ProcessEnv, cwd: string): string {
  const { address, workspace, profile } = facts;
  const mcp = `${address}/mcp`;
  const paddock = ownCommand(environment, cwd);
  return [
    `${bold("Paddock is ready")} at ${bold(address)}`,
    "",
    `  workspace  ${printable(workspace)}`,
    `  profile    ${profile}${profiles[profile] ? `: ${profiles[profile]}` : ""}`,
    `  sandbox    ${sandboxWords(facts)}`,
    ...(facts.missing ?? []).map((line) => `             ${paint("33", "not enforced here:")} ${printable(line)}`),
    "",
    bold("1. Make a token, in another terminal"),
    `     ${paddock} token create --name laptop`,
    "",
    bold("2. Connect a client, with the token in the place of TOKEN"),
    "   Claude Code:",
    `     claude mcp add --transport http --scope user paddock ${mcp} --header "Authorization: Bearer TOKEN"`,
    "   Codex, in ~/.codex/config.toml, with the token in the variable PADDOCK_CODEX_TOKEN:",
    "     [mcp_servers.paddock]",
    `     url = "${mcp}"`,
    '     bearer_token_env_var = "PADDOCK_CODEX_TOKEN"',
    "   Claude Desktop, in claude_desktop_config.json; it needs no token:",
    `     ${desktopConfig(workspace, environment)}`,
    "   ChatGPT and claude.ai reach only public addresses, which this version does not have:",
    `     ${pageOf("docs/clients/chatgpt.md", cwd)}`,
    "   Any other MCP client, over Streamable HTTP, with the header Authorization: Bearer TOKEN:",
    `     ${mcp}`,
    "   Cursor, VS Code and the rest:",
    `     ${pageOf("docs/clients/README.md", cwd)}`,
    "",
    bold("3. Answer what agents ask of you"),
    `     ${paddock} approve --watch`,
    "",
    dim("Ctrl-C ends Paddock."),
  ].join("\n");
}

function sandboxWords({ sandbox, profile }: UpFacts): string {
  if (sandbox === "none") {
    return paint("31;1", "NONE. Commands run with all rights of your account: your keys, your files, your network.");
  }
  const seen = profile === "open" ? "the whole machine" : "the workspace and installed programs";
  return `${sandbox}: commands see ${seen}, and the network only as you allow`;
}

/** For a program that starts its servers itself, from whatever folder and with whatever PATH. */
function desktopConfig(workspace: string, { PADDOCK_HOME }: NodeJS.ProcessEnv): string {
  const paddock = {
    command: process.execPath,
    args: [commandFile, "mcp", "--workspace", workspace],
    ...(PADDOCK_HOME ? { env: { PADDOCK_HOME } } : {}),
  };
  return JSON.stringify({ mcpServers: { paddock } });
}
