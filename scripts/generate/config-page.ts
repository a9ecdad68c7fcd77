/** docs/generated/config.md: every setting with its variable, default and meaning. */
import { configKeys, configSchema, environmentName, type JsonSchema } from "@paddock/contract";
import * as z from "zod";
import { code, generatedNote, table } from "./markdown.ts";
import { fieldsOf } from "./schema-text.ts";

export function configPage(): string {
  const schema: JsonSchema = z.toJSONSchema(configSchema, { io: "output", unrepresentable: "any" });
  const fields = new Map(fieldsOf(schema).map((field) => [field.name, field]));
  const rows = configKeys.map((key) => {
    const field = fields.get(key);
    return [code(key), code(environmentName(key)), code(field?.preset ?? ""), field?.type ?? "", field?.meaning ?? ""];
  });
  return `# Settings

${generatedNote}
A value comes from the command line, else from the environment, else from \`config.toml\` in the state folder, else from the
default. \`paddock config\` shows each value and where it comes from. The state folder is \`~/.paddock\`; \`PADDOCK_HOME\` names
another.

${table(["key", "environment", "default", "value", "meaning"], rows)}`;
}
