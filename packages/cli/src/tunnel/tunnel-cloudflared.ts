/** Keeps a Cloudflare tunnel open. */
import { type CommandContext, textOption } from "../command.ts";
import { loadConfig } from "../config.ts";
import { cloudflaredPlan } from "./cloudflared.ts";
import { hold } from "./hold.ts";
import { hubAddress, readSecretFile } from "./plan.ts";
import { chosenProgram } from "./programs.ts";

export async function run(context: CommandContext): Promise<undefined> {
  const { values: config } = loadConfig(context.places, context.environment);
  const tokenFile = textOption(context.options, "tokenFile");
  const plan = cloudflaredPlan({
    target: hubAddress(config),
    token: tokenFile === undefined ? undefined : readSecretFile(tokenFile).secret,
    publicUrl: config.public_url,
    environment: context.environment,
    program: await chosenProgram("cloudflared", context),
  });
  return hold(plan, context, config.public_url);
}
