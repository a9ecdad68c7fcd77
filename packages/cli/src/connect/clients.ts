/**
 * How each client is told of Paddock, word for word, as its vendor documents it. No token stands in any of it: clients take
 * it from a variable, ask for it, or have it typed in.
 */
import { join } from "node:path";
import { stringify } from "smol-toml";
import { quoted } from "../own-command.ts";

export interface Installation {
  address: string;
  /** Address of the MCP endpoint. */
  mcp: string;
  /** For a client that starts its servers itself, from whatever folder and with whatever PATH. */
  program: { command: string; args: readonly string[]; env?: Readonly<Record<string, string>> };
  platform: NodeJS.Platform;
  /** The owner's home. */
  home: string;
  /** Folder of the project, for clients that keep their servers there. */
  project: string;
}

/** What a file is to hold besides what it has. */
export type Entry =
  | { format: "json"; list: string; value: object; inputs?: readonly object[] }
  | { format: "toml"; text: string };

export interface Setup {
  /** What is to be done with the text, for a person. */
  how: string;
  text: string;
  /** Where `--write` puts it; absent where the client has a command or a form for it. */
  file?: { path: string; entry: Entry };
  /** What else has to be done, in order. */
  after: readonly string[];
}

export interface Client {
  title: string;
  guide: string;
  /** Null where the client cannot be connected so. */
  http: ((installation: Installation) => Setup) | null;
  stdio: ((installation: Installation) => Setup) | null;
}

const json = (value: object): string => JSON.stringify(value, null, 2);
const withName = (list: string, value: object): string => json({ [list]: { paddock: value } });

function codex({ home }: Installation, value: object, after: readonly string[]): Setup {
  const text = stringify({ mcp_servers: { paddock: value } }).trim();
  const path = join(home, ".codex", "config.toml");
  return { how: "In ~/.codex/config.toml:", text, file: { path, entry: { format: "toml", text } }, after };
}

function cursor({ home }: Installation, value: object, after: readonly string[]): Setup {
  const entry = { format: "json", list: "mcpServers", value } as const;
  return {
    how: "In ~/.cursor/mcp.json:",
    text: withName("mcpServers", value),
    file: { path: join(home, ".cursor", "mcp.json"), entry },
    after,
  };
}

function vscode({ project }: Installation, value: object, inputs?: readonly object[]): Setup {
  const entry = { format: "json", list: "servers", value, ...(inputs ? { inputs } : {}) } as const;
  return {
    how: "In .vscode/mcp.json of the project:",
    text: json({ ...(inputs ? { inputs } : {}), servers: { paddock: value } }),
    file: { path: join(project, ".vscode", "mcp.json"), entry },
    after: ['"MCP: List Servers" starts it; tools work in agent mode.'],
  };
}

const desktopFolders: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ["Library", "Application Support"],
  win32: ["AppData", "Roaming"],
};

function desktopFile({ platform, home }: Installation): string {
  return join(home, ...(desktopFolders[platform] ?? [".config"]), "Claude", "claude_desktop_config.json");
}

const vscodeToken = {
  type: "promptString",
  id: "paddock-token",
  description: "Paddock token",
  password: true,
} as const;

export const clients = {
  "claude-code": {
    title: "Claude Code",
    guide: "docs/clients/claude-code.md",
    http: ({ mcp }) => ({
      how: "With the token in the place of TOKEN:",
      text: `claude mcp add --transport http --scope user paddock ${mcp} --header "Authorization: Bearer TOKEN"`,
      after: ["`claude mcp list` says whether it is connected."],
    }),
    stdio: ({ program: { command, args, env = {} } }) => ({
      how: "In a terminal:",
      text: [
        // A name behind --env would be taken for another variable.
        "claude mcp add --scope user paddock",
        ...Object.entries(env).map(([name, value]) => `--env ${quoted(`${name}=${value}`)}`),
        `-- ${[command, ...args].map(quoted).join(" ")}`,
      ].join(" "),
      after: ["`claude mcp list` says whether it is connected."],
    }),
  },
  codex: {
    title: "Codex",
    guide: "docs/clients/codex.md",
    http: (installation) =>
      codex(installation, { url: installation.mcp, bearer_token_env_var: "PADDOCK_CODEX_TOKEN" }, [
        "Put the token into the environment that Codex starts in: export PADDOCK_CODEX_TOKEN=...",
      ]),
    stdio: (installation) => codex(installation, installation.program, ["`codex mcp list` shows it."]),
  },
  cursor: {
    title: "Cursor",
    guide: "docs/clients/cursor.md",
    http: (installation) =>
      cursor(
        installation,
        { url: installation.mcp, headers: { Authorization: `Bearer \${env:PADDOCK_CURSOR_TOKEN}` } },
        ["Put the token into the environment that Cursor starts in: export PADDOCK_CURSOR_TOKEN=..."],
      ),
    stdio: (installation) => cursor(installation, installation.program, ["Settings, MCP shows it with a green mark."]),
  },
  vscode: {
    title: "VS Code",
    guide: "docs/clients/vscode.md",
    http: (installation) =>
      vscode(
        installation,
        { type: "http", url: installation.mcp, headers: { Authorization: `Bearer \${input:${vscodeToken.id}}` } },
        [vscodeToken],
      ),
    stdio: (installation) => vscode(installation, { type: "stdio", ...installation.program }),
  },
  claude: {
    title: "Claude Desktop",
    guide: "docs/clients/claude.md",
    http: null,
    stdio: (installation) => ({
      how: "In claude_desktop_config.json (Settings, Developer, Edit Config):",
      text: withName("mcpServers", installation.program),
      file: {
        path: desktopFile(installation),
        entry: { format: "json", list: "mcpServers", value: installation.program },
      },
      after: ["Quit Claude Desktop altogether and start it again."],
    }),
  },
  "gpt-action": {
    title: "Custom GPT",
    guide: "docs/clients/custom-gpt.md",
    http: ({ address }) => ({
      how: "In the GPT's editor, Create new action, Import from URL:",
      text: `${address}/api/actions.json`,
      after: [
        "Authentication: API key, type Bearer, and the token.",
        ...(address.startsWith("https:") ? [] : ["ChatGPT reaches public HTTPS addresses only: set public_url first."]),
      ],
    }),
    stdio: null,
  },
  inspector: {
    title: "MCP Inspector",
    guide: "docs/clients/README.md",
    http: ({ mcp }) => ({
      how: "With the token in the place of TOKEN (npm install --global @modelcontextprotocol/inspector):",
      text: `mcp-inspector --cli ${mcp} --transport http --header "Authorization: Bearer TOKEN" --method tools/list`,
      after: ["Without --cli it opens a page in the browser."],
    }),
    stdio: null,
  },
} as const satisfies Record<string, Client>;

/** Reached from their vendor's cloud, which needs a public address. */
export const cloudClients: Readonly<Record<string, string>> = {
  chatgpt: "docs/clients/chatgpt.md",
  "claude.ai": "docs/clients/claude.md",
};
