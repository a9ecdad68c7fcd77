/** Starts hub and runner, says how to connect, and stays until it is asked to end. */
import type { CommandContext } from "../command.ts";
import { textOption } from "../command.ts";
import { makeHome } from "../home.ts";
import { bold, dim, paint, printable } from "../shown.ts";
import { ownParts, supervise } from "../supervise/supervisor.ts";

const settings = {
  workspace: "PADDOCK_WORKSPACE",
  port: "PADDOCK_PORT",
  host: "PADDOCK_HOST",
  profile: "PADDOCK_PROFILE",
  sandbox: "PADDOCK_SANDBOX",
} as const;

export async function run({ places, environment, options }: CommandContext): Promise<undefined> {
  makeHome(places);
  const env = { ...environment };
  for (const [option, variable] of Object.entries(settings)) {
    const value = textOption(options, option);
    if (value !== undefined) env[variable] = value;
  }
  const supervisor = supervise({
    commandOf: ownParts,
    environment: env,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, supervisor.stop);
  const { hub, runner } = await supervisor.ready;
  const facts = { address: String(hub.address), ...runner } as Facts;
  process.stdout.write(options.json === true ? `${JSON.stringify(facts)}\n` : `${welcome(facts)}\n`);
  await supervisor.ended;
  return undefined;
}

interface Facts {
  address: string;
  workspace: string;
  profile: string;
  sandbox: string;
  /** Default protections that this machine cannot give. */
  missing?: readonly string[];
}

function welcome({ address, workspace, profile, sandbox, missing = [] }: Facts): string {
  const mcp = `${address}/mcp`;
  const contained = sandbox === "none" ? paint("31;1", "NONE: commands run with all rights of your account") : sandbox;
  return [
    `${bold("Paddock is ready")} at ${bold(address)}`,
    `  workspace ${printable(workspace)}, profile ${profile}, sandbox ${contained}`,
    ...missing.map((line) => `  ${paint("33", "not enforced:")} ${line}`),
    "",
    bold("1. Make a token for your client"),
    "  npx --no-install paddock token create --name laptop",
    "",
    bold("2. Connect"),
    `  Claude Code   claude mcp add --transport http paddock ${mcp} --header "Authorization: Bearer TOKEN"`,
    `  Codex         ~/.codex/config.toml:  [mcp_servers.paddock]  url = "${mcp}"  bearer_token_env_var = "PADDOCK_TOKEN"`,
    `  Claude        claude_desktop_config.json: {"mcpServers": {"paddock": {"command": "npx", "args": ["--no-install", "paddock", "mcp"]}}}`,
    "  ChatGPT       needs a public HTTPS address; see docs/clients/chatgpt.md",
    `  others        MCP over Streamable HTTP at ${mcp}, with the token as bearer`,
    "",
    dim("Questions from agents wait in `npx --no-install paddock approve`. Ctrl-C ends."),
  ].join("\n");
}
