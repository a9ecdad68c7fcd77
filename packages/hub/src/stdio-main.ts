/** MCP over standard input and output without a hub process: the same runs and the same surface, one client, one runner. */
import { hostname } from "node:os";
import type { Readable, Writable } from "node:stream";
import { type Config, PaddockError, type Principal } from "@paddock/contract";
import { findTool } from "@paddock/contract/tools";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import { toolsFor } from "./access/toolsets.ts";
import { openDatabase } from "./database/database.ts";
import { openLog } from "./log.ts";
import { openMachine } from "./machines/linked-machine.ts";
import { openRuns } from "./runs/calls.ts";
import { openRunStore } from "./runs/store.ts";
import { serveStdio } from "./surfaces/stdio/serve.ts";

export interface StdioOptions {
  /** Connected to the runner's own socket, and paused. */
  socket: WebSocket;
  principal: Principal;
  config: Config;
  version: string;
  input: Readable;
  output: Writable;
  log?: Logger;
}

/** Resolves when the client has gone and its calls are answered. */
export async function serveRunnerOverStdio(options: StdioOptions): Promise<void> {
  const { socket, principal, config, version, input, output, log = openLog(config.log_level) } = options;
  await using open = new AsyncDisposableStack();
  // Nothing of a client over standard input outlives it here: the runner's ledger is what lasts.
  const database = open.adopt(openDatabase(":memory:"), (opened) => void opened.close());
  const machine = open.adopt(openMachine(hostname(), log), (opened) => void opened.close());
  const runs = openRuns({
    store: openRunStore(database),
    machine,
    access: { mayCall: (_, name) => known(name) },
    audit: { record: () => undefined },
    onEnd: () => undefined,
    config,
    log,
  });
  machine.attach(socket);
  socket.resume();
  await present(machine);
  await serveStdio({
    runs,
    machine,
    version,
    log,
    principal,
    input,
    output,
    toolsFor: (caller) => toolsFor(caller, { bridged: machine.about?.bridged ?? false, machines: 1 }),
  });
}

/** What the caller may call is decided, and recorded, by the runner: here is no second log. */
function known(name: string) {
  const tool = findTool(name);
  if (!tool) throw new PaddockError("unknown_tool", `There is no tool ${JSON.stringify(name.slice(0, 64))}.`);
  return tool;
}

function present(machine: ReturnType<typeof openMachine>): Promise<void> {
  return new Promise((resolve) => {
    if (machine.online) return resolve();
    const stop = machine.onChange(() => {
      if (!machine.online) return;
      stop();
      resolve();
    });
  });
}
