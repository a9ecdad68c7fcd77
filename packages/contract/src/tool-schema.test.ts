import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { defineTool } from "./tool.ts";
import { inputSchemaOf, outputSchemaOf } from "./tool-schema.ts";

const node = z.object({
  name: z.string(),
  get children() {
    return z.array(node).optional();
  },
});

const tree = defineTool({
  name: "tree",
  title: "Tree",
  summary: "Show a tree.",
  effect: "reads",
  toolset: "core",
  input: z.object({ path: z.string().min(1), depth: z.number().int().default(4) }),
  output: z.object({ root: node, count: z.number().int() }),
});

test("an input schema is an object schema without what JSON says anyway", () => {
  assert.deepEqual(inputSchemaOf(tree), {
    type: "object",
    properties: { path: { type: "string", minLength: 1 }, depth: { default: 4, type: "integer" } },
    required: ["path"],
    additionalProperties: false,
  });
});

test("an output schema allows a success, an unfinished run and a failure, and keeps its definitions at the root", () => {
  const { properties, $defs, ...rest } = outputSchemaOf(tree) as {
    properties: Record<string, { anyOf?: unknown[] }>;
    $defs: object;
  };
  assert.deepEqual(rest, { type: "object", required: ["ok", "tool", "summary", "data"] });
  assert.equal(Object.keys($defs).length, 1);
  assert.deepEqual(properties.data?.anyOf?.slice(1), [
    { required: ["state", "run_id"] },
    { required: ["code", "message", "next_step"] },
  ]);
});

test("a tool without an envelope shows its bare output", () => {
  const bare = defineTool({ ...tree, output: z.object({ id: z.string() }), envelope: false });
  assert.deepEqual(outputSchemaOf(bare), { type: "object", properties: { id: { type: "string" } }, required: ["id"] });
});
