/** Serves MCP over standard input and output: attaches to the runner of this installation, or runs one for its own time. */
import { once } from "node:events";
import { resolve } from "node:path";
import { PaddockError, toolsetName } from "@paddock/contract";
import { serveRunnerOverStdio } from "@paddock/hub/stdio";
import { WebSocket } from "ws";
import { type CommandContext, textOption } from "../command.ts";
import { loadConfig } from "../config.ts";
import { makeHome } from "../home.ts";
import { ownRunner } from "../supervise/own-runner.ts";
import { version } from "../version.ts";

export async function run({ places, environment, options }: CommandContext): Promise<undefined> {
  makeHome(places);
  const workspace = textOption(options, "workspace");
  const env = workspace === undefined ? environment : { ...environment, PADDOCK_WORKSPACE: resolve(workspace) };
  const { values: config } = loadConfig(places, env);
  const toolset = toolsetName.safeParse(textOption(options, "toolset") ?? "core");
  if (!toolset.success) throw new PaddockError("invalid_input", "A toolset is core, full or readonly.");
  const { socket, end } = await runnerAt(places.runnerControl, env);
  try {
    await serveRunnerOverStdio({
      socket,
      principal: {
        id: "owner",
        name: "stdio",
        surface: "stdio",
        toolset: toolset.data,
        workspaces: workspace === undefined ? [] : [resolve(workspace)],
      },
      config,
      version,
      input: process.stdin,
      output: process.stdout,
    });
  } finally {
    socket.close();
    await end();
  }
}

/** The runner that is there already, else one of our own that ends with us. */
async function runnerAt(path: string, environment: NodeJS.ProcessEnv) {
  const running = await connect(path);
  if (running) return { socket: running, end: async () => {} };
  const own = await ownRunner(environment);
  const socket = await connect(path);
  if (!socket) throw new PaddockError("not_running", "The runner was started and cannot be reached.");
  return { socket, end: own.end };
}

async function connect(path: string): Promise<WebSocket | null> {
  const socket = new WebSocket(`ws+unix:${path}:/link`, { perMessageDeflate: false });
  // The runner speaks first; it is heard when somebody listens.
  socket.on("open", () => socket.pause());
  try {
    await once(socket, "open");
    return socket;
  } catch {
    return null;
  }
}
