/** Writes an answer as JSON, with large text put in as the bytes that it is. */
import type { Tool } from "@paddock/contract";
import type { Outcome } from "./handler.ts";
import { enclosed } from "./json-text.ts";

export function answerJson(tool: Tool, { summary, data, text }: Outcome<unknown>): Buffer {
  const wrapped = (inner: unknown) => (tool.envelope ? { ok: true, tool: tool.name, summary, data: inner } : inner);
  if (text === undefined) return Buffer.from(JSON.stringify(wrapped(data)));
  const { field, json } = text;
  // The field comes last, so that it can be written where the rest ends.
  const rest = JSON.stringify(wrapped({ ...(data as object), [field]: undefined }));
  const end = tool.envelope ? '"}}' : '"}';
  const start = `${rest.slice(0, 1 - end.length)},${JSON.stringify(field)}:"`;
  return enclosed(json, Buffer.from(start), Buffer.from(end));
}
