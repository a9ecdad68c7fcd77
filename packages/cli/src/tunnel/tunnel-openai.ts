/** Keeps an OpenAI Secure MCP Tunnel open, to the hub or to a `paddock mcp` of its own. */
import { dirname } from "node:path";
import { PaddockError } from "@paddock/contract";
import { type CommandContext, textOption } from "../command.ts";
import { loadConfig } from "../config.ts";
import { directoryAt } from "../directory.ts";
import { commandFile, quoted } from "../own-command.ts";
import { toolsetOf } from "../toolset-option.ts";
import { hold } from "./hold.ts";
import { type OpenaiWish, openaiPlan } from "./openai.ts";
import { hubAddress, readSecretFile } from "./plan.ts";
import { chosenProgram } from "./programs.ts";

export async function run(context: CommandContext): Promise<undefined> {
  const { places, environment, options, args } = context;
  const keyFile = textOption(options, "keyFile");
  if (keyFile === undefined) {
    throw new PaddockError(
      "invalid_input",
      "The tunnel needs a runtime key, in a file.",
      "Make one in the OpenAI platform settings, with the rights to read and use tunnels, and name its file: --key-file FILE.",
    );
  }
  const plan = openaiPlan({
    id: args[0] ?? "",
    key: readSecretFile(keyFile),
    to: options.stdio === true ? standalone(options) : toHub(context),
    folder: dirname(places.tunnelControl),
    environment,
    program: await chosenProgram("tunnel-client", context),
  });
  return hold(plan, context, undefined);
}

function toHub({ places, environment, options }: CommandContext): OpenaiWish["to"] {
  const file = textOption(options, "tokenFile");
  if (file !== undefined) {
    const { values: config } = loadConfig(places, environment);
    return { type: "hub", address: hubAddress(config), token: readSecretFile(file).secret };
  }
  throw new PaddockError(
    "invalid_input",
    "Calls that come through the tunnel need a token of Paddock, in a file.",
    "Make one (paddock token create --name chatgpt) and name its file: --token-file FILE. Or run it without a hub: --stdio.",
  );
}

function standalone(options: CommandContext["options"]): OpenaiWish["to"] {
  const workspace = textOption(options, "workspace");
  const toolset = toolsetOf(options);
  const words = [
    process.execPath,
    commandFile,
    "mcp",
    ...(workspace === undefined ? [] : ["--workspace", directoryAt(workspace)]),
    ...(toolset === undefined ? [] : ["--toolset", toolset]),
  ];
  return { type: "stdio", command: words.map(quoted).join(" ") };
}
