/** Keeps a port of the owner's server forwarded to the hub. */
import { type CommandContext, countOption } from "../command.ts";
import { loadConfig } from "../config.ts";
import { hold } from "./hold.ts";
import { hubAddress } from "./plan.ts";
import { chosenProgram } from "./programs.ts";
import { sshPlan } from "./ssh.ts";

export async function run(context: CommandContext): Promise<undefined> {
  const { values: config } = loadConfig(context.places, context.environment);
  const target = hubAddress(config);
  const plan = sshPlan({
    destination: context.args[0] ?? "",
    remotePort: countOption(context.options, "remotePort", { min: 1, max: 65_535 }) ?? config.port,
    target,
    publicUrl: config.public_url,
    environment: context.environment,
    program: await chosenProgram("ssh", context),
  });
  return hold(plan, context, config.public_url);
}
