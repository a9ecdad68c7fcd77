/** Puts an entry into a client's own settings file and leaves all else there as it is. */
import { mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { PaddockError } from "@paddock/contract";
import { parse } from "smol-toml";
import type { Entry } from "./client.ts";

const maxBytes = 4 * 1024 * 1024;

/** False when it was there already. Throws invalid_input when the file cannot be changed without a person. */
export function writeEntry(asked: string, entry: Entry): boolean {
  const path = realPath(asked);
  const before = textOf(path);
  const after = entry.format === "json" ? withJson(path, before, entry) : withToml(path, before, entry);
  if (after === before) return false;
  mkdirSync(dirname(path), { recursive: true });
  const next = `${path}.paddock-next`;
  writeFileSync(next, after, { mode: modeOf(path) });
  renameSync(next, path);
  return true;
}

/** Settings are often links into a folder of their own; what they lead to is changed. */
function realPath(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) ? realpathSync(path) : path;
}

function textOf(path: string): string {
  const state = statSync(path, { throwIfNoEntry: false });
  if (!state) return "";
  if (!state.isFile() || state.size > maxBytes) throw byHand(path, "is no settings file");
  return readFileSync(path, "utf8");
}

/** A new file is its owner's alone: others' entries in it may hold secrets one day. */
const modeOf = (path: string): number => (statSync(path, { throwIfNoEntry: false })?.mode ?? 0o600) & 0o777;

function withJson(
  path: string,
  before: string,
  { list, value, inputs = [] }: Extract<Entry, { format: "json" }>,
): string {
  const settings = objectIn(path, before.trim() === "" ? {} : parsedJson(path, before));
  const servers = objectIn(path, settings[list] ?? {});
  const known = arrayIn(path, settings.inputs ?? []);
  const missing = inputs.filter((input) => !known.some((one) => isSame(one, input)));
  if (isSame(servers.paddock, value) && missing.length === 0) return before;
  const next = {
    ...settings,
    ...(missing.length > 0 ? { inputs: [...known, ...missing] } : {}),
    [list]: { ...servers, paddock: value },
  };
  return `${JSON.stringify(next, null, 2)}\n`;
}

function parsedJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw byHand(path, "is not plain JSON; it may hold comments");
  }
}

function objectIn(path: string, value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw byHand(path, "has another shape than the client documents");
}

function arrayIn(path: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw byHand(path, "has another shape than the client documents");
}

function withToml(path: string, before: string, { text }: Extract<Entry, { format: "toml" }>): string {
  const paddock = serverIn(path, before);
  if (paddock === undefined) return `${before}${gapAfter(before)}${text}\n`;
  if (isSame(paddock, serverIn(path, text))) return before;
  throw byHand(path, "has an entry `paddock` already, another one");
}

function serverIn(path: string, text: string): unknown {
  try {
    const { mcp_servers: servers } = parse(text);
    return typeof servers === "object" ? (servers as Record<string, unknown>).paddock : undefined;
  } catch {
    throw byHand(path, "is not valid TOML");
  }
}

const gapAfter = (text: string): string =>
  text === "" || text.endsWith("\n\n") ? "" : text.endsWith("\n") ? "\n" : "\n\n";

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const byHand = (path: string, why: string): PaddockError =>
  new PaddockError(
    "invalid_input",
    `${path} ${why}. Nothing was changed.`,
    "Run it again without --write, and put it in by hand.",
  );
