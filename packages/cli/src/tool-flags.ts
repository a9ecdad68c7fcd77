/** A tool's parameters as flags of the command line, computed from its declaration. */
import { inputSchemaOf, PaddockError, type Tool } from "@paddock/contract";
import { nearest } from "./nearest.ts";

interface Parameter {
  /** As the tool knows it: snake_case. */
  name: string;
  flag: string;
  kind: "text" | "number" | "switch" | "list" | "json";
  required: boolean;
  description: string;
}

interface JsonSchema {
  type?: string | readonly string[];
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  enum?: readonly unknown[];
  description?: string;
}

export function parametersOf(tool: Tool): Parameter[] {
  const { properties = {}, required = [] } = inputSchemaOf(tool) as JsonSchema;
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    flag: flagOf(name),
    kind: kindOf(schema),
    required: required.includes(name),
    description: [schema.description, schema.enum ? `one of ${schema.enum.join(", ")}` : undefined]
      .filter(Boolean)
      .join(" "),
  }));
}

/** Flags that `paddock call` has itself, whatever the tool. */
const ownFlags: readonly string[] = [
  "--input",
  "--machine",
  "--workspace",
  "--idempotency-key",
  "--json",
  "--list",
  "--help",
];

function flagOf(name: string): string {
  const flag = `--${name.replaceAll("_", "-")}`;
  return ownFlags.includes(flag) ? `${flag}-value` : flag;
}

const kinds: Readonly<Record<string, Parameter["kind"]>> = {
  string: "text",
  number: "number",
  integer: "number",
  boolean: "switch",
};

function kindOf({ type, items }: JsonSchema): Parameter["kind"] {
  if (type === "array" && items?.type === "string") return "list";
  return (typeof type === "string" ? kinds[type] : undefined) ?? "json";
}

/** The tool's input from the words of a command line: `--path README.md --offset=10 --dry-run`. */
export function inputFromFlags(tool: Tool, words: readonly string[]): Record<string, unknown> {
  const parameters = parametersOf(tool);
  const input: Record<string, unknown> = {};
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [flag = "", inline] = splitOnce(word);
    const parameter = parameters.find((one) => one.flag === flag);
    if (!parameter) throw unknownFlag(tool, word, parameters);
    if (parameter.kind === "switch" && inline === undefined && !["true", "false"].includes(rest[0] ?? "")) {
      input[parameter.name] = true;
      continue;
    }
    const text = inline ?? rest.shift();
    if (text === undefined) throw new PaddockError("invalid_input", `${flag} needs a value.`, seeHelp(tool));
    input[parameter.name] = parameterValue(tool, parameter, text, input[parameter.name]);
  }
  const absent = parameters.filter(({ name, required }) => required && !(name in input)).map(({ flag }) => flag);
  if (absent.length === 0) return input;
  throw new PaddockError("invalid_input", `${tool.name} needs ${absent.join(" and ")}.`, seeHelp(tool));
}

const seeHelp = ({ name }: Tool): string => `\`paddock call ${name} --help\` shows its parameters.`;

const splitOnce = (word: string): string[] => {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
};

function parameterValue(tool: Tool, { kind, flag }: Parameter, text: string, before: unknown): unknown {
  if (kind === "text") return text;
  if (kind === "list") return [...(Array.isArray(before) ? before : []), text];
  const value = jsonOrUndefined(text);
  if (value !== undefined && (kind === "json" || typeof value === typeofKind[kind])) return value;
  const takes = kind === "json" ? "JSON" : kind === "switch" ? "true or false" : "a number";
  throw new PaddockError("invalid_input", `${flag} takes ${takes}, not ${JSON.stringify(text)}.`, seeHelp(tool));
}

const typeofKind = { number: "number", switch: "boolean" } as const;

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unknownFlag(tool: Tool, word: string, parameters: readonly Parameter[]): PaddockError {
  if (!word.startsWith("-")) {
    const message = `${JSON.stringify(word)} belongs to no parameter: each is given as --NAME VALUE.`;
    return new PaddockError("invalid_input", message, seeHelp(tool));
  }
  const flags = parameters.map(({ flag }) => flag);
  const meant = nearest(word, flags);
  const nextStep = meant === null ? `Its parameters: ${flags.join(", ") || "none"}.` : `Did you mean \`${meant}\`?`;
  return new PaddockError("invalid_input", `${tool.name} has no parameter ${word}.`, nextStep);
}

const placeholders = {
  text: " <text>",
  number: " <number>",
  switch: "",
  list: " <text> ...",
  json: " <json>",
} as const;

export function toolHelp(tool: Tool): string {
  const parameters = parametersOf(tool).map(({ flag, kind, required, description }) => ({
    said: `${flag}${placeholders[kind]}`,
    description: [required ? "Required." : "", description].filter(Boolean).join(" "),
  }));
  const width = Math.max(0, ...parameters.map(({ said }) => said.length));
  const rows = parameters.map(({ said, description }) => `  ${said.padEnd(width)}  ${description}`.trimEnd());
  return [
    `Usage: paddock call ${tool.name}${parameters.length === 0 ? "" : " [--PARAMETER VALUE ...]"} [--json]`,
    "",
    tool.summary,
    "",
    ...(rows.length === 0 ? ["It has no parameters."] : ["Parameters:", ...rows]),
  ].join("\n");
}
