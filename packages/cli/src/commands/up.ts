/** Starts hub and runner, says how to connect, and stays until it is asked to end. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { PaddockError } from "@paddock/contract/errors";
import { type CommandContext, textOption } from "../command.ts";
import { makeHome, type Places } from "../home.ts";
import { ownParts, supervise } from "../supervise/supervisor.ts";
import { type UpFacts, welcome } from "../supervise/welcome.ts";

const settings = {
  workspace: "PADDOCK_WORKSPACE",
  port: "PADDOCK_PORT",
  host: "PADDOCK_HOST",
  publicUrl: "PADDOCK_PUBLIC_URL",
  profile: "PADDOCK_PROFILE",
  sandbox: "PADDOCK_SANDBOX",
} as const;

export async function run({ places, environment, options }: CommandContext): Promise<undefined> {
  await refuseSecond(places);
  await refuseJoined(places);
  makeHome(places);
  const supervisor = supervise({
    commandOf: ownParts,
    environment: environmentOf(environment, options),
    say: (line) => process.stderr.write(`paddock: ${line}\n`),
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, supervisor.stop);
  const { hub, runner } = await supervisor.ready;
  const facts = { address: String(hub.address), ...runner } as UpFacts;
  const words = options.json === true ? JSON.stringify(facts) : welcome(facts, environment, process.cwd());
  process.stdout.write(`${words}\n`);
  await supervisor.ended;
  return undefined;
}

/** A second one would find the sockets taken; it is told before it touches anything. */
async function refuseSecond({ hubControl, runnerControl }: Places): Promise<void> {
  if (!existsSync(hubControl) && !existsSync(runnerControl)) return;
  const { refuseRunning } = await import("../supervise/running.ts");
  await refuseRunning(hubControl, runnerControl);
}

/** The runner of such a machine works for another hub, and one of its own would wait for it in vain. */
async function refuseJoined({ runner }: Places): Promise<void> {
  if (!existsSync(join(runner, "hub.json"))) return;
  const { readJoined } = await import("@paddock/runner/joined");
  throw new PaddockError(
    "already_running",
    `This machine has joined the hub at ${readJoined(runner)?.url}.`,
    "Run its runner with `paddock runner`, or leave that hub with `paddock leave`.",
  );
}

/** Flags become the environment of the parts. A relative directory is one of the shell that typed it, also through npm. */
function environmentOf(environment: NodeJS.ProcessEnv, options: CommandContext["options"]): NodeJS.ProcessEnv {
  const set = { ...environment };
  const cwd = environment.npm_lifecycle_event === undefined ? undefined : environment.INIT_CWD;
  for (const [option, variable] of Object.entries(settings)) {
    const value = textOption(options, option);
    if (value === undefined) continue;
    set[variable] = option === "workspace" ? resolve(cwd ?? "", value) : value;
  }
  return set;
}
