/** Serves MCP over standard input and output: attaches to the runner of this installation, or runs one for its own time. */
import { type Config, ownerId, PaddockError, type Principal } from "@paddock/contract";
import { type Attached, attachToRunner, openLog, serveStdio, toolContext, toolsFor } from "@paddock/hub/attached";
import { type CommandContext, textOption } from "../command.ts";
import { loadConfig } from "../config.ts";
import { directoryAt, rootAt } from "../directory.ts";
import { makeHome } from "../home.ts";
import { ownRunner } from "../supervise/own-runner.ts";
import { toolsetOf } from "../toolset-option.ts";
import { version } from "../version.ts";

export async function run({ places, environment, options }: CommandContext): Promise<undefined> {
  makeHome(places);
  const named = textOption(options, "workspace");
  const workspace = named === undefined ? undefined : directoryAt(named);
  const env = workspace === undefined ? environment : { ...environment, PADDOCK_WORKSPACE: workspace };
  const { values: config } = loadConfig(places, env);
  const principal: Principal = {
    id: ownerId,
    name: "stdio",
    surface: "stdio",
    toolset: toolsetOf(options) ?? "core",
    workspaces: workspace === undefined ? [] : [rootAt(workspace)],
  };
  const log = openLog(config.log_level, "mcp");
  const { attached, end } = await runnerAt(places.runnerControl, config, env, log);
  const { runs, machines } = attached;
  try {
    await serveStdio({
      runs,
      machines,
      version,
      log,
      principal,
      toolsFor: (caller) => toolsFor(caller, toolContext(caller, machines)),
      input: process.stdin,
      output: process.stdout,
    });
  } finally {
    attached.close();
    await end();
  }
}

type Log = Parameters<typeof attachToRunner>[0]["log"];

/** The runner that is there already, else one of our own that ends with us. */
async function runnerAt(socket: string, config: Config, environment: NodeJS.ProcessEnv, log: Log) {
  const attach = (): Promise<Attached> => attachToRunner({ socket, config, log });
  try {
    return { attached: await attach(), end: async () => {} };
  } catch (error) {
    if (!(error instanceof PaddockError) || error.code !== "not_running") throw error;
  }
  const own = await ownRunner(environment);
  return { attached: await attach(), end: own.end };
}
