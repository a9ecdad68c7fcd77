/** The MCP servers of this machine that agents reach through Paddock. */
import { join } from "node:path";
import { readServers, type Server } from "@paddock/runner/bridge";
import type { CommandContext } from "../command.ts";
import type { Places } from "../home.ts";
import { type Shown, table } from "../shown.ts";

/** The owner's list. The runner reads it again when it changes. */
export const bridgeFile = ({ home }: Places): string => join(home, "runner", "bridge.json");

export async function run({ places }: CommandContext): Promise<Shown> {
  return shownServers(readServers(bridgeFile(places)));
}

/** Without variables and headers: their values are secret. */
export function shownServers(servers: readonly Server[]): Shown {
  const json = servers.map((server) => ({
    ...{ id: server.id, enabled: server.enabled, transport: server.transport, expose: server.expose },
    ...{ shared: server.shared, reaches: reachOf(server) },
  }));
  const rows = json.map(({ id, enabled, expose, reaches }) => [id, enabled ? "on" : "off", expose, reaches]);
  return {
    json: { servers: json },
    text: rows.length === 0 ? none : table(["SERVER", "", "EXPOSES", "REACHES"], rows),
  };
}

const none = "No MCP server is bridged. `paddock bridge import claude-code` takes over what another program has.";

const reachOf = (server: Server): string => (server.transport === "http" ? new URL(server.url).origin : server.command);
