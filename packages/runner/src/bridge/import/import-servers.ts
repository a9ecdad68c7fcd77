/**
 * Takes over the MCP servers that other programs have configured. Only reads; what it returns is off and stays so until the
 * owner enables it, because some of it may come with a workspace.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import { textHead } from "../../context/text-head.ts";
import { openRoots } from "../../files/open-roots.ts";
import type { ServerInput } from "../config.ts";
import { translate } from "./entry.ts";
import { asFound, type Found, type ImportSource, isFound, type SourceFile, sourceFiles } from "./sources.ts";

export interface Imported {
  servers: ServerInput[];
  /** What has to be done by hand, by server id. */
  notes: { id: string; note: string }[];
  skipped: { name: string; reason: string }[];
  /** Files that were read. */
  files: string[];
}

const maxFileBytes = 4 * 1024 * 1024;
const maxServers = 64;

export async function importServers(
  source: ImportSource,
  homeDir: string,
  workspace: string | null,
): Promise<Imported> {
  const imported: Imported = { servers: [], notes: [], skipped: [], files: [] };
  for (const file of sourceFiles[source]) {
    const folder = file.below === "home" ? homeDir : workspace;
    if (folder === null) continue;
    const text = file.below === "home" ? readOwn(join(folder, file.path)) : await readBelow(folder, file.path);
    if (text === null) continue;
    imported.files.push(join(folder, file.path));
    const content = await parse(text, file, join(folder, file.path));
    for (const [name, entry] of Object.entries(asFound(file.servers(content, workspace)))) add(imported, name, entry);
  }
  return imported;
}

function add(imported: Imported, name: string, entry: unknown): void {
  const id = freeId(name, imported.servers);
  if (!isFound(entry)) imported.skipped.push({ name, reason: "It is not an entry." });
  else if (imported.servers.length >= maxServers)
    imported.skipped.push({ name, reason: `There are ${maxServers} already.` });
  else {
    const found = translate(id, name, entry);
    if ("reason" in found) imported.skipped.push({ name, reason: found.reason });
    else {
      imported.servers.push(found.server);
      if (found.note) imported.notes.push({ id, note: found.note });
    }
  }
}

function freeId(name: string, taken: readonly ServerInput[]): string {
  const plain =
    name
      .replace(/[^A-Za-z0-9_-]+/g, "-")
      .replace(/^[-_]+/, "")
      .slice(0, 56) || "server";
  for (let count = 1; ; count += 1) {
    const id = count === 1 ? plain : `${plain}-${count}`;
    if (!taken.some((server) => server.id === id)) return id;
  }
}

function readOwn(file: string): string | null {
  const state = statSync(file, { throwIfNoEntry: false });
  if (!state?.isFile()) return null;
  if (state.size > maxFileBytes) throw new PaddockError("file_too_large", `${file} is larger than 4 MiB.`);
  return readFileSync(file, "utf8");
}

/** What lies in a workspace is read beneath it. */
async function readBelow(workspace: string, path: string): Promise<string | null> {
  using roots = openRoots({ roots: [{ path: workspace, write: false }], hidden: [], readonly: true });
  const head = await textHead(roots, roots.locate(path, workspace), maxFileBytes);
  return head?.text ?? null;
}

async function parse(text: string, { format }: SourceFile, path: string): Promise<Found> {
  try {
    return asFound(format === "toml" ? await parseToml(text) : await parseJsonc(text));
  } catch {
    throw new PaddockError("invalid_input", `${path} cannot be parsed as ${format.toUpperCase()}.`);
  }
}

async function parseToml(text: string): Promise<unknown> {
  const { parse: parseText } = await import("smol-toml");
  return parseText(text);
}

async function parseJsonc(text: string): Promise<unknown> {
  const { parse: parseText } = await import("jsonc-parser");
  const errors: { error: number }[] = [];
  const content: unknown = parseText(text, errors as never, { allowTrailingComma: true });
  if (errors.length > 0) throw new Error("not JSON");
  return content;
}
