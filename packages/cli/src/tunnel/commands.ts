/** The commands that keep a tunnel to this machine open. */
import type { CommandSpec } from "../command.ts";

const programOption = ["--program <file>", "the program to run, when it is not on PATH"] as const;
const downloadOption = ["--download", "fetch it from its vendor when it is not installed"] as const;

export const tunnelCommands: readonly CommandSpec[] = [
  {
    usage: "tunnel cloudflared",
    summary: "Keep a Cloudflare tunnel open: a named one with its token, else a quick one with a new address each time",
    options: [["--token-file <file>", "file with the token of a named tunnel"], programOption, downloadOption],
    examples: ["paddock tunnel cloudflared --token-file ~/.config/cloudflared-token", "paddock tunnel cloudflared"],
    load: () => import("./tunnel-cloudflared.ts"),
  },
  {
    usage: "tunnel openai <id>",
    summary: "Keep an OpenAI Secure MCP Tunnel open, to the hub or without one",
    options: [
      ["--key-file <file>", "file with the runtime key of the tunnel"],
      ["--token-file <file>", "file with the token of Paddock that calls are made with"],
      ["--stdio", "without a hub: let the tunnel start `paddock mcp`"],
      ["--workspace <dir>", "with --stdio: work in this directory"],
      ["--toolset <name>", "with --stdio: core, full or readonly; core when absent"],
      programOption,
      downloadOption,
    ],
    examples: [
      "paddock tunnel openai tunnel_0123... --key-file openai-key --token-file paddock-token",
      "paddock tunnel openai tunnel_0123... --key-file openai-key --stdio --workspace ~/src/shop",
    ],
    load: () => import("./tunnel-openai.ts"),
  },
  {
    usage: "tunnel ssh <destination>",
    summary: "Keep a port of your server forwarded to the hub",
    options: [["--remote-port <number>", "port on the server's loopback, the hub's own when absent"], programOption],
    examples: ["paddock tunnel ssh me@server.example.org", "paddock tunnel ssh server --remote-port 7421"],
    load: () => import("./tunnel-ssh.ts"),
  },
];
