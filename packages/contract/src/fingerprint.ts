/** A short name for the exact list of tools, so that a client, a log or a test can tell that it has changed. */
import { annotationsOf, type Tool } from "./tool.ts";
import { inputSchemaOf, outputSchemaOf } from "./tool-schema.ts";

const digits = 16;

/** The first 16 hex digits of the SHA-256 of all declarations. Neither their order nor that of their keys matters. */
export async function toolsFingerprint(tools: readonly Tool[]): Promise<string> {
  const declared = tools
    .map((tool) => ({
      name: tool.name,
      title: tool.title,
      summary: tool.summary,
      toolset: tool.toolset,
      audience: [...tool.audience].sort(),
      annotations: annotationsOf(tool.effect),
      input: inputSchemaOf(tool),
      output: outputSchemaOf(tool),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const bytes = new TextEncoder().encode(JSON.stringify(declared, sortKeys));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .slice(0, digits);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
