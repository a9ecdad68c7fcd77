/** One client, by its own id or by that of what it was granted. */
import { PaddockError } from "@paddock/contract";
import type { CommandContext } from "../command.ts";
import { localTime, type Shown, table } from "../shown.ts";
import { knownClients, stateOf } from "./known.ts";

export async function run({ places, args: [id = ""] }: CommandContext): Promise<Shown> {
  const known = await knownClients(places);
  const consents = known.consents.filter((one) => one.id === id || one.client === id);
  const client = known.clients.find((one) => one.id === id || one.id === consents[0]?.client) ?? null;
  if (client === null && consents.length === 0) {
    throw new PaddockError("not_found", `There is no client ${id}.`, "List them with `paddock client list`.");
  }
  const clientId = client?.id ?? consents[0]?.client ?? id;
  const rows = [
    ["client", clientId],
    ["known by", client === null ? "its own description at this address" : client.origin],
    ...(client?.redirects ?? []).map((redirect) => ["answers go to", redirect]),
    ...consents.flatMap((one) => [
      ["let in as", `${one.id}, ${one.name}`],
      ["", `toolset ${one.toolset}, ${stateOf(one)}, since ${localTime(one.createdAt)}`],
      ["", one.machines.length === 0 ? "on every machine" : `on ${one.machines.join(", ")}`],
      ["", one.lastUsedAt === null ? "never used" : `last used ${localTime(one.lastUsedAt)}`],
    ]),
  ];
  return { json: { client, consents }, text: table(["", ""], rows).trimStart() };
}
