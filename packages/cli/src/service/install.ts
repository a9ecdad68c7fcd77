/** Defines the service, has it started, and waits until Paddock serves. */
import { existsSync, rmSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { configKeys, environmentName } from "@paddock/contract";
import { PaddockError } from "@paddock/contract/errors";
import type { CommandContext } from "../command.ts";
import { control, whenRunning } from "../control/request.ts";
import { makeHome, type Places } from "../home.ts";
import { bold, dim, printable, type Shown } from "../shown.ts";
import { refuseRunning } from "../supervise/running.ts";
import type { Definition } from "./definition.ts";
import { type Found, keptOf, lookFor, writeDefinition } from "./file.ts";
import { definitionOf } from "./for-system.ts";
import { ask, succeeds } from "./manager.ts";
import { type Work, workOf } from "./work.ts";

const readyMs = 60_000;
const lookAgainMs = 250;

export async function run(context: CommandContext): Promise<Shown> {
  const { places, environment, options } = context;
  const work = workOf(context);
  const definition = definitionOf(process.platform, work);
  const { path, text } = definition;
  if (options.print === true) return { json: { path, text }, text: text.trimEnd() };
  const found = lookFor(definition);
  if (found === "other" && options.replace !== true) throw otherwise(definition);
  if (!(await succeeds(definition.runs))) await refuseOther(places);
  else for (const asked of definition.stop) await ask(asked, definition);
  makeHome(places);
  writeDefinition(definition, found);
  await start(definition, found);
  await untilServing(places, work, definition);
  return installed(work, definition, found, environment);
}

/** What runs in a terminal would be in the way of the service. */
async function refuseOther({ hubControl, runnerControl }: Places): Promise<void> {
  try {
    await refuseRunning(hubControl, runnerControl);
  } catch (error) {
    if (!(error instanceof PaddockError) || error.code !== "already_running") throw error;
    throw new PaddockError(error.code, error.message, "End it first, then install the service.");
  }
}

const otherwise = (definition: Definition): PaddockError =>
  new PaddockError(
    "path_exists",
    `${definition.path} is there and says something else than Paddock would write.`,
    `Compare it with \`paddock service install --print\`. With --replace it is replaced, and kept as ${keptOf(definition)}.`,
  );

/** Nothing is left behind by a first attempt that the service manager refuses. */
async function start(definition: Definition, found: Found): Promise<void> {
  try {
    for (const asked of definition.start) await ask(asked, definition);
  } catch (error) {
    if (found === "absent") rmSync(definition.path);
    throw error;
  }
}

async function untilServing({ hubControl, runnerControl }: Places, { part }: Work, { log }: Definition): Promise<void> {
  const sockets = [...(part === "runner" ? [] : [hubControl]), ...(part === "hub" ? [] : [runnerControl])];
  const serves = async (socket: string) => (await whenRunning(control({ socket, path: "/status" }))) !== null;
  for (const end = Date.now() + readyMs; Date.now() < end; await wait(lookAgainMs)) {
    if ((await Promise.all(sockets.map(serves))).every(Boolean)) return;
  }
  throw new PaddockError(
    "unavailable",
    `The service was started, but Paddock did not serve within ${readyMs / 1000} s.`,
    `See what it said: ${log}`,
  );
}

function installed(work: Work, definition: Definition, found: Found, environment: NodeJS.ProcessEnv): Shown {
  const { path, manager, log } = definition;
  const kept = found === "other" ? keptOf(definition) : null;
  const hints = hintsOf(work, environment);
  const lines = [
    `${bold(work.name)} runs, kept by ${manager}: it starts when you log in, and again when it ends.`,
    `  definition  ${printable(path)}${found === "same" ? " (as it was)" : ""}`,
    ...(kept === null ? [] : [`  before      ${printable(kept)}`]),
    `  messages    ${printable(log)}`,
    ...hints.map((hint) => dim(printable(hint))),
  ];
  return { json: { name: work.name, manager, path, kept, log, hints }, text: lines.join("\n") };
}

function hintsOf({ user }: Work, environment: NodeJS.ProcessEnv): string[] {
  const variables = configKeys.map(environmentName).filter((name) => environment[name]);
  const hints: string[] = [];
  if (variables.length > 0)
    hints.push(`The service does not see ${variables.join(", ")} of this shell: put such settings into config.toml.`);
  if (process.platform === "linux" && !existsSync(`/var/lib/systemd/linger/${user}`))
    hints.push(
      `It ends when you log out. To keep it running, and start it with the machine: loginctl enable-linger ${user}`,
    );
  return hints;
}
