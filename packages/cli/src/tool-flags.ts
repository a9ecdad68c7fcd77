/** A tool's parameters as flags of the command line, computed from its declaration. */
import { inputSchemaOf, PaddockError, type Tool } from "@paddock/contract";

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
    flag: `--${name.replaceAll("_", "-")}`,
    kind: kindOf(schema),
    required: required.includes(name),
    description: [schema.description, schema.enum ? `one of ${schema.enum.join(", ")}` : undefined]
      .filter(Boolean)
      .join(" "),
  }));
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
    if (text === undefined) throw new PaddockError("invalid_input", `${flag} needs a value.`);
    input[parameter.name] = parameterValue(parameter, text, input[parameter.name]);
  }
  return input;
}

const splitOnce = (word: string): string[] => {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
};

function parameterValue({ kind, flag }: Parameter, text: string, before: unknown): unknown {
  if (kind === "text") return text;
  if (kind === "list") return [...(Array.isArray(before) ? before : []), text];
  try {
    return JSON.parse(text);
  } catch {
    throw new PaddockError(
      "invalid_input",
      `${flag} takes ${kind === "json" ? "JSON" : `a ${kind}`}, not ${JSON.stringify(text)}.`,
    );
  }
}

function unknownFlag(tool: Tool, word: string, parameters: readonly Parameter[]): PaddockError {
  const known = parameters.map(({ flag }) => flag).join(", ");
  return new PaddockError(
    "invalid_input",
    `${tool.name} has no parameter ${word}.`,
    `Its parameters: ${known || "none"}.`,
  );
}

export function toolHelp(tool: Tool): string {
  const rows = parametersOf(tool).map(
    ({ flag, kind, required, description }) =>
      `  ${`${flag} <${kind}>`.padEnd(32)}${required ? "required. " : ""}${description}`,
  );
  return [`${tool.name}: ${tool.summary}`, "", "Parameters:", ...rows].join("\n");
}
