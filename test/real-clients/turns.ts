/** What a turn of a real client needs besides what `paddock connect` wrote, and what it leaves behind. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { World } from "../world/world.ts";
import type { ToolCall } from "./model.ts";
import type { Terminal } from "./programs.ts";

/** Leaves a trace for each time it is run. */
export const call: ToolCall = {
  name: "run_command",
  input: { command: "echo once >> trace; echo from-$((40 + 2))" },
};

export const traceOf = ({ workspace }: World): string | null =>
  existsSync(join(workspace, "trace")) ? readFileSync(join(workspace, "trace"), "utf8") : null;

/** Codex with the scripted model as its provider; what it is given when it signs in lies in its folder. */
export function useModel(world: World, url: string): void {
  const file = join(world.environment.HOME ?? "", ".codex", "config.toml");
  const settings = `model = "scripted"\nmodel_provider = "scripted"\nmcp_oauth_credentials_store = "file"`;
  const provider = `[model_providers.scripted]\nname = "Scripted"\nbase_url = "${url}/v1"\nwire_api = "responses"`;
  writeFileSync(file, `${settings}\n\n${provider}\n\n${readFileSync(file, "utf8")}`);
}

/** Nobody sits before `codex exec`: it leaves the asking to Paddock, and waits for it, as docs/clients/codex.md shows. */
export const codexTurn = [
  "codex exec --json --skip-git-repo-check -c mcp_servers.paddock.required=true",
  `-c 'mcp_servers.paddock.default_tools_approval_mode="approve"' "Use Paddock."`,
].join(" ");

export const claudeTurn = `claude -p "Use Paddock." --allowedTools "mcp__paddock__*"`;

/** The account of Claude Code's model. */
export const claudeAccount = (url: string): Record<string, string> => ({
  ANTHROPIC_BASE_URL: url,
  ANTHROPIC_API_KEY: "scripted",
});

/** What the line says on standard output. */
export async function succeeds(terminal: Terminal, line: string, more?: Record<string, string>): Promise<string> {
  const { exitCode, stdout, stderr } = await terminal.run(line, more);
  assert.equal(exitCode, 0, `${line}\n${stdout}\n${stderr}`);
  return stdout;
}
