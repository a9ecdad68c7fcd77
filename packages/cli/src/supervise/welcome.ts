/** What is said once hub and runner serve: what runs, and how to go on. Every line can be copied as it stands. */
import { clients } from "../connect/clients.ts";
import { installationAt } from "../connect/installation.ts";
import { ownCommand, pageOf } from "../own-command.ts";
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
  const here = installationAt(address, { auth: "token", workspace, environment, project: cwd });
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
    ...indented(clients["claude-code"].http(here).text),
    "   Codex, in ~/.codex/config.toml, with the token in the variable PADDOCK_CODEX_TOKEN:",
    ...indented(clients.codex.http(here).text),
    "   Claude Desktop, Cursor, VS Code, and any of these without a token:",
    `     ${paddock} connect`,
    "   ChatGPT, claude.ai and whatever else is not on this machine need a public address:",
    `     ${pageOf("docs/reaching-it.md", cwd)}`,
    "   Any other MCP client, over Streamable HTTP, with the header Authorization: Bearer TOKEN:",
    `     ${here.mcp}`,
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

const indented = (text: string): string[] => text.split("\n").map((line) => `     ${line}`);
