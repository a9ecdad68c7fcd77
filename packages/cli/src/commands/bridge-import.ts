/** Takes over the MCP servers of another program, switched off. */
import { homedir } from "node:os";
import { resolve } from "node:path";
import { PaddockError } from "@paddock/contract";
import { type Imported, importServers, importSources, readServers, writeServers } from "@paddock/runner/bridge";
import { type CommandContext, textOption } from "../command.ts";
import { makeHome } from "../home.ts";
import { printable, type Shown } from "../shown.ts";
import { bridgeFile } from "./bridge-list.ts";

export async function run({ places, args: [wanted = ""], options, environment }: CommandContext): Promise<Shown> {
  const source = importSources.find((one) => one === wanted);
  if (!source) {
    throw new PaddockError(
      "invalid_input",
      `${wanted} is not a program whose servers can be taken over.`,
      `Name one of ${importSources.join(", ")}.`,
    );
  }
  const workspace = textOption(options, "workspace");
  const found = await importServers(
    source,
    environment.HOME ?? homedir(),
    workspace === undefined ? null : resolve(workspace),
  );
  makeHome(places);
  const file = bridgeFile(places);
  const present = readServers(file);
  const added = found.servers.filter(({ id }) => !present.some((server) => server.id === id));
  if (added.length > 0) writeServers(file, [...present, ...added]);
  const ids = added.map(({ id }) => id);
  const kept = found.servers.map(({ id }) => id).filter((id) => !ids.includes(id));
  const json = { files: found.files, added: ids, kept, notes: found.notes, skipped: found.skipped };
  return { json, text: words(json) };
}

function words({
  files,
  added,
  kept,
  notes,
  skipped,
}: Omit<Imported, "servers"> & { added: string[]; kept: string[] }): string {
  if (files.length === 0) return "Nothing to take over: that program has no configuration here.";
  const lines = [
    ...added.map((id) => `added    ${id}, switched off`),
    ...kept.map((id) => `kept     ${id}, which was there already`),
    ...skipped.map(({ name, reason }) => `skipped  ${name}: ${reason}`),
    ...notes.map(({ id, note }) => `to do    ${id}: ${note}`),
  ];
  if (added.length > 0) lines.push("", "Look at bridge.json, then switch one on: paddock bridge enable ID");
  return lines.map(printable).join("\n") || "It has no MCP servers.";
}
