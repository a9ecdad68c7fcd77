/** Turns an entry of another program into one of ours, or says why that cannot be. */
import { type ServerInput, serverSchema } from "../config.ts";
import { asFound, type Found } from "./sources.ts";

export type Translated = { server: ServerInput; note: string | null } | { reason: string };

/** Imported servers are off until the owner enables them. */
export function translate(id: string, name: string, entry: Found): Translated {
  const words = isRemote(entry) ? remote(entry) : local(entry);
  if ("reason" in words) return words;
  const parsed = serverSchema.safeParse({ id, name, enabled: false, ...words.fields });
  if (parsed.success) return { server: parsed.data, note: words.note };
  const [issue] = parsed.error.issues;
  return { reason: `${issue?.path.join(".") ?? "The entry"}: ${issue?.message ?? "is not understood"}` };
}

type Words = { fields: Record<string, unknown>; note: string | null } | { reason: string };

const isRemote = (entry: Found): boolean => entry.url !== undefined || entry.type === "remote";

function local(entry: Found): Words {
  const line = Array.isArray(entry.command)
    ? entry.command
    : [entry.command, ...(Array.isArray(entry.args) ? entry.args : [])];
  const [command, ...args] = line.map(textOf);
  if (!command) return { reason: "It names no command." };
  const env = texts(entry.env ?? entry.environment);
  return { fields: { transport: "stdio", command, args, env }, note: noteOn([...args, ...Object.values(env)]) };
}

function remote(entry: Found): Words {
  if (entry.type === "sse") return { reason: "It uses the older SSE transport, which is not supported." };
  const headers = texts(entry.headers ?? entry.http_headers);
  const variable = entry.bearer_token_env_var;
  const wanted =
    typeof variable === "string" ? `Add the header Authorization: it took its token from ${variable}.` : null;
  return { fields: { transport: "http", url: entry.url, headers }, note: wanted ?? noteOn(Object.values(headers)) };
}

/** References to variables are the other program's: nothing here fills them in. */
function noteOn(values: readonly string[]): string | null {
  return values.some((value) => /\$\{|\{env:|\{file:/.test(value))
    ? "Replace its references to variables by values."
    : null;
}

function texts(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(asFound(value)).map(([key, text]) => [key, textOf(text)]));
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined ? "" : String(value);
