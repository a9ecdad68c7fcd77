/**
 * A tool's input and output as JSON Schema 2020-12, as short as they can be without saying less: every client carries the
 * whole list in the model's context.
 */
import * as z from "zod";
import type { Tool } from "./tool.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

export const inputSchemaOf = (tool: Tool): JsonSchema => ({
  type: "object",
  ...schemaOf(tool.input),
  additionalProperties: false,
});

/** Of the whole answer: a finished success, an unfinished run, or a failure. The bare shape where there is no envelope. */
export function outputSchemaOf(tool: Tool): JsonSchema {
  if (!tool.envelope) return { type: "object", ...schemaOf(tool.output) };
  const { $defs, ...data } = schemaOf(tool.output);
  return {
    type: "object",
    properties: {
      ok: { type: "boolean" },
      tool: { type: "string" },
      summary: { type: "string" },
      data: { anyOf: [data, { required: ["state", "run_id"] }, { required: ["code", "message", "next_step"] }] },
    },
    required: ["ok", "tool", "summary", "data"],
    ...($defs === undefined ? {} : { $defs }),
  };
}

function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    override: ({ jsonSchema }) => shorten(jsonSchema),
  });
  return rest;
}

/** Leaves out the bounds that every integer has in JSON anyway. */
function shorten(schema: Record<string, unknown>): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}
