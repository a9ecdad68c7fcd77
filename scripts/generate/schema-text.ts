/** Says a JSON Schema in a few words, for the tables of the generated pages. */
import type { JsonSchema } from "@paddock/contract";

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly preset: string;
  readonly meaning: string;
}

export function fieldsOf(schema: JsonSchema): readonly Field[] {
  const required = new Set(asList(schema.required).map(String));
  return Object.entries(asObject(schema.properties)).map(([name, value]) => {
    const property = asObject(value);
    return {
      name,
      type: typeText(property),
      required: required.has(name),
      preset: property.default === undefined ? "" : JSON.stringify(property.default),
      meaning: typeof property.description === "string" ? property.description : "",
    };
  });
}

/** `string`, `1..500`, `"a" or "b"`, `list of string`, `object {path, write}`. */
function typeText(schema: JsonSchema): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const choices = asList(schema.anyOf ?? schema.oneOf);
  if (choices.length > 0) return choices.map((choice) => typeText(asObject(choice))).join(" or ");
  if (schema.type === "array") return `list of ${typeText(asObject(schema.items))}`;
  if (schema.type === "integer" || schema.type === "number") return numberText(schema);
  if (schema.type === "object") return objectText(schema);
  return typeof schema.type === "string" ? schema.type : "any";
}

function numberText({ type, minimum, maximum }: JsonSchema): string {
  if (minimum === undefined && maximum === undefined) return String(type);
  return `${type} ${minimum ?? ""}..${maximum ?? ""}`;
}

function objectText(schema: JsonSchema): string {
  const names = Object.keys(asObject(schema.properties));
  return names.length === 0 ? "object" : `object {${names.join(", ")}}`;
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const asObject = (value: unknown): JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonSchema) : {};
