import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { defineTool, type Tool } from "@paddock/contract";
import { bridgeTools, tools } from "@paddock/contract/tools";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as z from "zod";
import { toolEntry, toolLists } from "./tool-list.ts";

const declared: readonly Tool[] = Object.values(tools);
const shown = declared.filter((tool) => tool.audience.includes("agent"));
const core = shown.filter((tool) => tool.toolset === "core");

const find = defineTool({
  name: "find",
  title: "Find",
  summary: "Find a thing.",
  effect: "reads",
  toolset: "core",
  input: z.object({
    id: z.string().regex(/^a$/).max(9).describe("Its id."),
    depth: z.number().int().min(1).default(2),
  }),
  output: z.object({
    description: z.string().describe("What it is."),
    parts: z.array(z.object({ required: z.boolean(), pattern: z.string() })),
  }),
});

test("an entry says what a model needs and leaves the finer bounds out", () => {
  assert.deepEqual(toolEntry(find), {
    name: "find",
    title: "Find",
    description: "Find a thing.",
    inputSchema: {
      type: "object",
      properties: {
        id: { type: "string", description: "Its id." },
        depth: { default: 2, type: "integer", minimum: 1 },
      },
      required: ["id"],
    },
    outputSchema: {
      type: "object",
      properties: {
        ok: { type: "boolean" },
        tool: { type: "string" },
        summary: { type: "string" },
        data: {
          anyOf: [
            {
              type: "object",
              properties: {
                description: { type: "string" },
                parts: {
                  type: "array",
                  items: { type: "object", properties: { required: { type: "boolean" }, pattern: { type: "string" } } },
                },
              },
              required: ["description", "parts"],
            },
            { required: ["state", "run_id"] },
            { required: ["code", "message", "next_step"] },
          ],
        },
      },
      required: ["ok", "tool", "summary", "data"],
    },
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  });
});

test("a list is built once and names further entries last", () => {
  const listOf = toolLists([{ name: "more" }]);
  const list = [find];
  const first = listOf(list, undefined);
  assert.equal(listOf(list, undefined), first);
  assert.deepEqual(
    (JSON.parse(first.toString()) as { name: string }[]).map((entry) => entry.name),
    ["find", "more"],
  );
});

test("bridged tools stand behind the others under their own names, for those who may call them", () => {
  const listOf = toolLists();
  const bridged = [
    {
      ...{ name: "notes__add", server: "notes", tool: "add", description: "Adds a note." },
      inputSchema: { type: "object", properties: { text: { type: "string" } } },
    },
  ];
  assert.deepEqual(JSON.parse(listOf([bridgeTools.mcp_call], bridged).toString())[1], {
    ...{ name: "notes__add", description: "Adds a note." },
    inputSchema: { type: "object", properties: { text: { type: "string" } } },
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  });
  assert.equal(JSON.parse(listOf([bridgeTools.mcp_call], []).toString()).length, 1);
  assert.equal(JSON.parse(listOf([bridgeTools.mcp_tools], bridged).toString()).length, 1);
});

test("tools/list of the core tools stays under 35 kB", () => {
  const answer = `{"jsonrpc":"2.0","id":1,"result":{"tools":${toolLists()(core, undefined)}}}`;
  assert.ok(answer.length < 35_000, `It has ${answer.length} bytes.`);
});

describe("every tool", () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  for (const tool of shown) {
    test(`${tool.name} has a name, texts and schemas that any client takes`, () => {
      const entry = toolEntry(tool);
      assert.match(entry.name, /^[a-z0-9_]{1,64}$/);
      assert.ok(entry.description.length > 0 && entry.description.length <= 1024);
      ajv.compile(entry.inputSchema);
      ajv.compile(entry.outputSchema);
    });
  }
});
