/**
 * A whole Paddock for a test: `paddock up` as a user starts it, with its own state folder and workspace, and whatever
 * speaks to it from outside. Everything ends with the test.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const paddockCommand = fileURLToPath(new URL("../../packages/cli/bin/paddock.mjs", import.meta.url));

export interface World extends AsyncDisposable {
  readonly address: string;
  readonly workspace: string;
  readonly home: string;
  /** Environment of this installation, for further processes. */
  readonly environment: NodeJS.ProcessEnv;
  /** A new token for agents. */
  token(options?: { toolset?: string; workspace?: string }): Promise<string>;
  /** Runs the command line; its standard output. Rejects when it fails. */
  paddock(...args: string[]): Promise<string>;
  /** Process ids of hub and runner as they are now. */
  pids(): Promise<{ hub: number; runner: number }>;
}

export interface WorldOptions {
  settings?: Readonly<Record<string, string>>;
  /** Start hub and runner; without, only the places and the command line are there. */
  up?: boolean;
  /** Words before the command that starts them, for a machine that is short of something. */
  within?: (places: { workspace: string }) => readonly string[];
}

const readyMs = 30_000;

export async function startWorld({ settings = {}, up = true, within = () => [] }: WorldOptions = {}): Promise<World> {
  await using open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "pw-"));
  open.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const [home, workspace, ownerHome] = [join(folder, "state"), join(folder, "work"), join(folder, "owner")];
  for (const place of [workspace, ownerHome]) mkdirSync(place);
  const environment = {
    PATH: process.env.PATH,
    LANG: "C.UTF-8",
    HOME: ownerHome,
    PADDOCK_HOME: home,
    PADDOCK_WORKSPACE: workspace,
    PADDOCK_PORT: "0",
    ...settings,
  };
  let address = "";
  if (up) {
    const [program = "", ...args] = [...within({ workspace }), process.execPath, paddockCommand, "up", "--json"];
    const child = spawn(program, args, {
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    open.defer(() => end(child));
    address = (await readyLine(child)).address;
  }
  const paddock = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, [paddockCommand, ...args], {
      env: environment,
      maxBuffer: 32e6,
    });
    return stdout;
  };
  const status = async () =>
    JSON.parse(await paddock("status", "--json")) as { hub: { pid: number }; runner: { pid: number } };
  const running = open.move();
  return {
    address,
    workspace,
    home,
    environment,
    paddock,
    async token({ toolset = "full", workspace: only } = {}) {
      const scope = only === undefined ? [] : ["--workspace", only];
      return JSON.parse(await paddock("token", "create", "--name", "test", "--toolset", toolset, ...scope, "--json"))
        .token;
    },
    async pids() {
      const { hub, runner } = await status();
      return { hub: hub.pid, runner: runner.pid };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function readyLine(child: ChildProcess): Promise<{ address: string }> {
  const late = AbortSignal.timeout(readyMs);
  let text = "";
  return new Promise((resolve, reject) => {
    late.addEventListener("abort", () => reject(new Error("paddock up was not ready in time")));
    child.on("exit", (code) => reject(new Error(`paddock up ended with ${code}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk;
      if (!text.includes("\n")) return;
      if (text.includes('"address"')) resolve(JSON.parse(text));
      else reject(new Error(`paddock up did not start: ${text}`));
    });
  });
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.on("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
