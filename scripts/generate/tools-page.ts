/** docs/generated/tools.md: every tool with its parameters, as clients see it. */
import { annotationsOf, inputSchemaOf, type Tool } from "@paddock/contract";
import { tools } from "@paddock/contract/tools";
import { code, generatedNote, table } from "./markdown.ts";
import { fieldsOf } from "./schema-text.ts";

const all: readonly Tool[] = Object.values(tools);

export function toolsPage(): string {
  const core = all.filter((tool) => tool.toolset === "core").length;
  return `# Tools

${generatedNote}
${all.length} tools, ${core} of them in the default toolset \`core\`. \`full\` has all of them, \`readonly\` those whose effect
is \`reads\`. What a call can do at worst decides its annotations:

${effects()}
## Overview

${overview()}
${all.map(section).join("\n")}`;
}

function effects(): string {
  const used = [...new Set(all.map((tool) => tool.effect))];
  const hints = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const;
  return table(
    ["effect", ...hints],
    used.map((effect) => [effect, ...hints.map((hint) => (annotationsOf(effect)[hint] ? "yes" : "no"))]),
  );
}

const overview = (): string =>
  table(
    ["tool", "toolset", "effect", "for"],
    all.map((tool) => [`[${tool.name}](#${tool.name})`, tool.toolset, tool.effect, tool.audience.join(", ")]),
  );

function section(tool: Tool): string {
  const fields = fieldsOf(inputSchemaOf(tool));
  const rows = fields.map((field) => [
    code(field.name),
    field.type,
    field.required ? "required" : code(field.preset),
    field.meaning,
  ]);
  const parameters = rows.length === 0 ? "No parameters.\n" : table(["parameter", "type", "default", "meaning"], rows);
  return `## ${tool.name}\n\n**${tool.title}.** ${tool.summary}\n\n${parameters}`;
}
