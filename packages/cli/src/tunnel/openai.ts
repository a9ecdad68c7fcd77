/**
 * OpenAI's Secure MCP Tunnel, which leads from ChatGPT and the API to this machine without a public address: to the hub with a
 * token of Paddock, or without a hub to `paddock mcp`, which the tunnel client starts itself.
 */
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import { environmentFor, type SecretFile, type TunnelPlan } from "./plan.ts";

export interface OpenaiWish {
  program: string;
  id: string;
  /** The runtime key; the program reads the file itself. */
  key: SecretFile;
  /** What calls arrive at. */
  to: { type: "hub"; address: string; token: string } | { type: "stdio"; command: string };
  /** The state folder of the tunnel. */
  folder: string;
  environment: NodeJS.ProcessEnv;
}

const authorization = "PADDOCK_TUNNEL_AUTHORIZATION";

/** Throws invalid_input for what is no id of a tunnel. */
export function openaiPlan({ program, id, key, to, folder, environment }: OpenaiWish): TunnelPlan {
  if (!/^tunnel_[0-9a-f]{32}$/.test(id)) {
    throw new PaddockError(
      "invalid_input",
      "The id of a tunnel is `tunnel_` and 32 hexadecimal digits.",
      "Copy it from the tunnel's page in the OpenAI platform settings.",
    );
  }
  const healthFile = join(folder, "openai-health");
  const target =
    to.type === "hub"
      ? ["--mcp.server-url", `${to.address}/mcp`, "--mcp.extra-headers", `Authorization: env:${authorization}`]
      : ["--mcp.command", to.command];
  return {
    kind: "openai",
    command: [
      program,
      "run",
      "--control-plane.tunnel-id",
      id,
      `--control-plane.api-key=file:${key.path}`,
      "--health.listen-addr",
      "127.0.0.1:0",
      "--health.url-file",
      healthFile,
      ...target,
    ],
    environment: environmentFor(
      environment,
      to.type === "hub" ? { [authorization]: `Bearer ${to.token}` } : own(environment),
    ),
    address: null,
    toHub: to.type === "hub",
    read: () => null,
    healthFile,
  };
}

/** The settings of this installation, for the Paddock that the program starts. */
const own = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => /^PADDOCK_(?!TOKEN$)/.test(name)));
