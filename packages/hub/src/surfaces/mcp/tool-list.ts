/**
 * Tools as MCP shows them. Every client carries the list in its model's context, so it says what a model needs to choose a
 * tool, fill its input and read its answer; the finer bounds are in the OpenAPI document and in each refusal.
 */
import { annotationsOf, inputSchemaOf, outputSchemaOf, type Tool } from "@paddock/contract";
import type { BridgedTool } from "@paddock/contract/link";
import { bridgeTools } from "@paddock/contract/tools";

export interface ToolEntry {
  name: string;
  title: string;
  description: string;
  inputSchema: object;
  outputSchema: object;
  annotations: object;
}

export function toolEntry(tool: Tool): ToolEntry {
  const { additionalProperties: _, ...input } = inputSchemaOf(tool);
  return {
    name: tool.name,
    title: tool.title,
    description: tool.summary,
    inputSchema: trimmed(input, unsaid),
    outputSchema: trimmed(outputSchemaOf(tool), unsaidOfAnswers),
    annotations: annotationsOf(tool.effect),
  };
}

const unsaid = ["pattern", "minLength", "maxLength", "minItems", "maxItems"];
const unsaidOfAnswers = [...unsaid, "description", "minimum", "maximum", "default", "format", "additionalProperties"];
/** Keywords whose values are schemas by name. */
const named: ReadonlySet<string> = new Set(["properties", "$defs"]);
/** Keywords whose values are no schemas. */
const literal: ReadonlySet<string> = new Set(["enum", "const", "required", "default", "description"]);
/** An envelope's data are one level down; what is required deeper inside an answer is not said. */
const requiredDepth = 1;

function trimmed(schema: object, without: readonly string[], depth = 0): object {
  const isAnswer = without === unsaidOfAnswers;
  const entries = Object.entries(schema).filter(
    ([keyword]) => !without.includes(keyword) && !(isAnswer && keyword === "required" && depth > requiredDepth),
  );
  return Object.fromEntries(entries.map(([keyword, value]) => [keyword, trimmedValue(keyword, value, without, depth)]));
}

function trimmedValue(keyword: string, value: unknown, without: readonly string[], depth: number): unknown {
  if (typeof value !== "object" || value === null || literal.has(keyword)) return value;
  if (Array.isArray(value)) return value.map((item) => trimmedValue("", item, without, depth));
  if (!named.has(keyword)) return trimmed(value, without, depth);
  return Object.fromEntries(
    Object.entries(value).map(([name, schema]) => [name, trimmedValue("", schema, without, depth + 1)]),
  );
}

/** The words are the server's own, as the owner accepted them; what it says of its effects is not believed. */
const bridgedEntry = ({ name, title, description, inputSchema }: BridgedTool): object => ({
  name,
  ...(title === undefined ? {} : { title }),
  description,
  inputSchema,
  annotations: annotationsOf(bridgeTools.mcp_call.effect),
});

const noBridgedTools: readonly BridgedTool[] = [];

/** Makes the JSON array of a `tools/list` result, with bridged tools for those who may call them. */
export type ToolLists = (tools: readonly Tool[], bridged: readonly BridgedTool[] | undefined) => Buffer;

/** The same few lists are asked for again and again, so each is built once. */
export function toolLists(more: readonly object[] = []): ToolLists {
  const built = new WeakMap<readonly Tool[], { bridged: readonly BridgedTool[]; list: Buffer }>();
  return (tools, bridgedTools = noBridgedTools) => {
    const bridged = tools.some(({ name }) => name === bridgeTools.mcp_call.name) ? bridgedTools : noBridgedTools;
    const known = built.get(tools);
    if (known?.bridged === bridged) return known.list;
    const list = Buffer.from(JSON.stringify([...tools.map(toolEntry), ...bridged.map(bridgedEntry), ...more]));
    built.set(tools, { bridged, list });
    return list;
  };
}
