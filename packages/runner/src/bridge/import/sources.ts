/** Where other programs keep their lists of MCP servers, and how each words an entry. */
import { join } from "node:path";

export const importSources = ["claude-code", "cursor", "codex", "opencode"] as const;
export type ImportSource = (typeof importSources)[number];

/** An entry as it was found; what it holds is not to be relied on. */
export type Found = Readonly<Record<string, unknown>>;

export interface SourceFile {
  format: "jsonc" | "toml";
  /** Below the home directory, or below the workspace. */
  below: "home" | "workspace";
  path: string;
  /** The servers of the parsed file, by name. */
  servers(content: Found, workspace: string | null): unknown;
}

const mcpServers = (content: Found): unknown => content.mcpServers;
const codexServers = (content: Found): unknown => content.mcp_servers;
const opencodeServers = (content: Found): unknown => content.mcp;

/** Claude Code keeps what belongs to one project under its path in the same file. */
function claudeServers(content: Found, workspace: string | null): unknown {
  const projects = isFound(content.projects) ? content.projects : {};
  const project = workspace === null ? undefined : projects[workspace];
  return { ...asFound(content.mcpServers), ...asFound(isFound(project) ? project.mcpServers : undefined) };
}

export const sourceFiles: Readonly<Record<ImportSource, readonly SourceFile[]>> = {
  "claude-code": [
    { format: "jsonc", below: "home", path: ".claude.json", servers: claudeServers },
    { format: "jsonc", below: "workspace", path: ".mcp.json", servers: mcpServers },
  ],
  cursor: [
    { format: "jsonc", below: "home", path: join(".cursor", "mcp.json"), servers: mcpServers },
    { format: "jsonc", below: "workspace", path: join(".cursor", "mcp.json"), servers: mcpServers },
  ],
  codex: [
    { format: "toml", below: "home", path: join(".codex", "config.toml"), servers: codexServers },
    { format: "toml", below: "workspace", path: join(".codex", "config.toml"), servers: codexServers },
  ],
  opencode: [
    { format: "jsonc", below: "home", path: join(".config", "opencode", "opencode.json"), servers: opencodeServers },
    { format: "jsonc", below: "home", path: join(".config", "opencode", "opencode.jsonc"), servers: opencodeServers },
    { format: "jsonc", below: "workspace", path: "opencode.json", servers: opencodeServers },
    { format: "jsonc", below: "workspace", path: "opencode.jsonc", servers: opencodeServers },
  ],
};

export const isFound = (value: unknown): value is Found =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const asFound = (value: unknown): Found => (isFound(value) ? value : {});
