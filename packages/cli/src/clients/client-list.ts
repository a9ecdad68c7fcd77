/** What the owner let in, and the clients that were added and not let in yet. */
import type { CommandContext } from "../command.ts";
import { type Shown, table } from "../shown.ts";
import { day, knownClients, stateOf } from "./known.ts";

export async function run({ places }: CommandContext): Promise<Shown> {
  const known = await knownClients(places);
  const letIn = new Set(known.consents.map(({ client }) => client));
  const waiting = known.clients.filter(({ id, origin }) => origin === "added" && !letIn.has(id));
  const rows = [
    ...known.consents.map((one) => [one.id, one.name, one.toolset, day(one.lastUsedAt) || "never", stateOf(one)]),
    ...waiting.map(({ id, name }) => [id, name, "", "never", "not let in yet"]),
  ];
  return {
    json: known,
    text: rows.length === 0 ? "No client was let in." : table(["ID", "NAME", "TOOLSET", "LAST USED", "STATE"], rows),
  };
}
