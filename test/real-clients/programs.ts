/**
 * The clients as their vendors publish them: pinned in package.json here, 870 MB, and so installed for these tests only, where
 * PADDOCK_TEST_CLIENTS says or beside this file. Their install scripts do not run; what these would link is linked here.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { World } from "../world/world.ts";

const folder = process.env.PADDOCK_TEST_CLIENTS ?? fileURLToPath(new URL(".", import.meta.url));
const packages = join(folder, "node_modules");

/** Options for node:test: a reason to skip, or none. */
export const needsRealClients = (): { skip?: string } =>
  existsSync(packages)
    ? {}
    : { skip: "needs the clients themselves (870 MB): npm ci --prefix test/real-clients --ignore-scripts" };

/** Codex's own launcher finds its program; Claude Code's is a program for each system. */
function programs(): Record<string, string> {
  const vendor = join(packages, "@anthropic-ai");
  const built = readdirSync(vendor).find((name) => name.startsWith("claude-code-")) ?? "";
  return {
    claude: join(vendor, built, "claude"),
    codex: join(packages, "@openai", "codex", "bin", "codex.js"),
    "mcp-inspector": join(packages, ".bin", "mcp-inspector"),
    node: process.execPath,
  };
}

export interface Outcome {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface Terminal {
  /** Runs a line in a shell of the owner's, where the clients are on PATH. */
  run(line: string, environment?: Record<string, string>): Promise<Outcome>;
  start(line: string, environment?: Record<string, string>): ChildProcess;
}

/** A terminal of the owner of `world`, with an empty home but for what Paddock and the clients write there. */
export function terminalIn({ environment, workspace }: World): Terminal {
  const bin = join(environment.HOME ?? "", "bin");
  mkdirSync(bin, { recursive: true });
  for (const [name, program] of Object.entries(programs())) symlinkSync(program, join(bin, name));
  const start: Terminal["start"] = (line, more = {}) =>
    spawn("bash", ["-c", line], {
      cwd: workspace,
      env: { ...environment, PATH: `${bin}:${environment.PATH}:${dirname(process.execPath)}`, ...offline, ...more },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
  return { start, run: (line, more) => outcomeOf(start(line, more)) };
}

/**
 * Nothing that is not the turn itself: no telemetry, no update. The turn begins when the tools are there, and the model is shown
 * them at once, so that it need not look for them.
 */
const offline = {
  CLAUDE_CODE_MCP_STARTUP_WAIT_MS: "30000",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_AUTOUPDATER: "1",
  ENABLE_TOOL_SEARCH: "false",
};

async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { exitCode, ...said };
}
