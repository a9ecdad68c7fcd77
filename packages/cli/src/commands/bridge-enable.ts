/** Lets agents use a bridged server. */
import { PaddockError } from "@paddock/contract";
import { readServers, type Server, writeServers } from "@paddock/runner/bridge";
import { type CommandContext, textOption } from "../command.ts";
import type { Shown } from "../shown.ts";
import { bridgeFile, shownServers } from "./bridge-list.ts";

export async function run(context: CommandContext): Promise<Shown> {
  const expose = textOption(context.options, "expose");
  return change(context, (server) => ({
    ...server,
    enabled: true,
    ...(expose === undefined ? {} : { expose: expose as never }),
  }));
}

/** Changes one server of the list; the schema of the list judges the outcome. */
export function change({ places, args: [id = ""] }: CommandContext, changed: (server: Server) => Server | null): Shown {
  const file = bridgeFile(places);
  const servers = readServers(file);
  if (!servers.some((server) => server.id === id)) {
    throw new PaddockError(
      "server_not_found",
      `There is no bridged server ${JSON.stringify(id)}.`,
      "List them with `paddock bridge list`.",
    );
  }
  const next = servers
    .map((server) => (server.id === id ? changed(server) : server))
    .filter((server) => server !== null);
  writeServers(file, next);
  return shownServers(next);
}
