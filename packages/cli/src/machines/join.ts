/** Joins a hub with a code that its owner gave, then runs the runner. */
import { PaddockError } from "@paddock/contract";
import { joinHub, withHubProxy } from "@paddock/runner/join";
import { type CommandContext, textOption } from "../command.ts";
import { loadConfig } from "../config.ts";
import { control, whenRunning } from "../control/request.ts";
import { makeHome } from "../home.ts";
import { dim, paint, printable, type Shown } from "../shown.ts";

export async function run(context: CommandContext): Promise<Shown | undefined> {
  const { places, options, args, environment } = context;
  const [url = "", code = ""] = args;
  makeHome(places);
  if (await whenRunning(control({ socket: places.runnerControl, path: "/status" }))) {
    throw new PaddockError(
      "already_running",
      "A runner runs on this machine already.",
      "Stop it first, so that it comes back for the other hub.",
    );
  }
  const plain = options.plain === true;
  if (plain)
    process.stderr.write(`${paint("31;1", "No TLS:")} others on the way can see which machine speaks to which hub.\n`);
  const name = textOption(options, "name");
  const { values } = loadConfig(places, environment);
  const reach = { environment: withHubProxy(environment, values, places.home) };
  const joined = await joinHub({ folder: places.runner, url, code, name, plain, ...reach });
  const words = `Joined ${printable(joined.url)} as ${printable(joined.name)}.`;
  const json = { url: joined.url, machine: joined.machine, name: joined.name };
  if (options.run === false) return { json, text: `${words}\n${dim("Run it: paddock runner")}` };
  process.stdout.write(options.json === true ? `${JSON.stringify(json)}\n` : `${words}\n`);
  const { run: runRunner } = await import("../commands/runner.ts");
  return runRunner();
}
