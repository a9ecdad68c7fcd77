/**
 * How each client is told of Paddock, word for word, as its vendor documents it. No token stands in any of it: clients sign in,
 * take a token from a variable, ask for it, or have it typed in.
 */
import { join } from "node:path";
import { stringify } from "smol-toml";
import { quoted } from "../own-command.ts";
import type { Client, Installation, Setup } from "./client.ts";

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

const startsIt = '"MCP: List Servers" starts it; tools work in agent mode.';

function vscode({ project }: Installation, value: object, inputs?: readonly object[]): Setup {
  const entry = { format: "json", list: "servers", value, ...(inputs ? { inputs } : {}) } as const;
  return {
    how: "In .vscode/mcp.json of the project:",
    text: json({ ...(inputs ? { inputs } : {}), servers: { paddock: value } }),
    file: { path: join(project, ".vscode", "mcp.json"), entry },
    after: [startsIt],
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

/** A form of the vendor's, field by field. */
const form = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${`${name}:`.padEnd(16)}${value}`)
    .join("\n");

export const clients = {
  "claude-code": {
    title: "Claude Code",
    guide: "docs/clients/claude-code.md",
    http: ({ mcp, auth }) =>
      auth === "sign-in"
        ? {
            how: "In a terminal:",
            text: `claude mcp add --transport http --scope user paddock ${mcp}`,
            after: ["`claude mcp login paddock` opens the browser, where you sign in and let it in."],
          }
        : {
            how: "With the token in the place of TOKEN:",
            text: `claude mcp add --transport http --scope user paddock ${mcp} --header "Authorization: Bearer TOKEN"`,
            after: ["`claude mcp list` says whether it is connected."],
          },
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
      installation.auth === "sign-in"
        ? codex(installation, { url: installation.mcp }, [
            "`codex mcp login paddock` opens the browser, where you sign in and let it in.",
          ])
        : codex(installation, { url: installation.mcp, bearer_token_env_var: "PADDOCK_CODEX_TOKEN" }, [
            "Put the token into the environment that Codex starts in: export PADDOCK_CODEX_TOKEN=...",
          ]),
    stdio: (installation) => codex(installation, installation.program, ["`codex mcp list` shows it."]),
  },
  cursor: {
    title: "Cursor",
    guide: "docs/clients/cursor.md",
    http: (installation) =>
      installation.auth === "sign-in"
        ? cursor(installation, { url: installation.mcp }, [
            "Settings, MCP has a button that opens the browser, where you sign in and let it in.",
          ])
        : cursor(
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
      installation.auth === "sign-in"
        ? vscode(installation, { type: "http", url: installation.mcp })
        : vscode(
            installation,
            { type: "http", url: installation.mcp, headers: { Authorization: `Bearer \${input:${vscodeToken.id}}` } },
            [vscodeToken],
          ),
    stdio: (installation) => vscode(installation, { type: "stdio", ...installation.program }),
  },
  claude: {
    title: "Claude",
    guide: "docs/clients/claude.md",
    only: "sign-in",
    cloud: true,
    http: ({ mcp }) => ({
      how: "On claude.ai or in Claude Desktop, Settings, Connectors, Add custom connector:",
      text: form({ Name: "Paddock", URL: mcp }),
      after: ["Connect opens the browser, where you sign in and let it in."],
    }),
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
  chatgpt: {
    title: "ChatGPT",
    guide: "docs/clients/chatgpt.md",
    only: "sign-in",
    cloud: true,
    http: ({ mcp }) => ({
      how: "In ChatGPT, Settings, Apps & Connectors, with developer mode on (Advanced settings), Create:",
      text: form({ Name: "Paddock", Connection: `Server URL, ${mcp}`, Authentication: "OAuth" }),
      after: [
        "ChatGPT opens the browser, where you sign in and let it in.",
        "In each chat, choose Paddock in the plus menu.",
      ],
    }),
    stdio: null,
  },
  "gpt-action": {
    title: "Custom GPT",
    guide: "docs/clients/custom-gpt.md",
    only: "token",
    cloud: true,
    http: ({ address }) => ({
      how: "In the GPT's editor, Create new action, Import from URL:",
      text: `${address}/api/actions.json`,
      after: ["Authentication: API key, type Bearer, and the token."],
    }),
    stdio: null,
  },
  inspector: {
    title: "MCP Inspector",
    guide: "docs/clients/README.md",
    only: "token",
    http: ({ mcp }) => ({
      how: "With the token in the place of TOKEN (npm install --global @modelcontextprotocol/inspector):",
      text: `mcp-inspector --cli ${mcp} --transport http --header "Authorization: Bearer TOKEN" --method tools/list`,
      after: ["Without --cli it opens a page in the browser."],
    }),
    stdio: null,
  },
} as const satisfies Record<string, Client>;
