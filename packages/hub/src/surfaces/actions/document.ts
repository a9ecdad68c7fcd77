/**
 * The OpenAPI 3.1 document that a Custom GPT is given as its Actions: the everyday tools, within the limits that ChatGPT sets
 * for such a document. Pure.
 */
import { annotationsOf, inputSchemaOf, type Tool } from "@paddock/contract";

export interface ActionsSource {
  /** Those that a token for `core` may call at all. */
  tools: readonly Tool[];
  version: string;
  /** The public address. */
  url: string;
}

export const actionsPrefix = "/api/v1/actions/";
/** ChatGPT takes no longer description of an operation. */
const longestDescription = 300;

export const actionsDocument = ({ tools, version, url }: ActionsSource) => ({
  openapi: "3.1.0",
  info: {
    title: "Paddock",
    version,
    description: "Work on the user's own machine, under its owner's control.",
  },
  servers: [{ url }],
  security: [{ bearer: [] }],
  paths: {
    ...Object.fromEntries(tools.map((tool) => [`${actionsPrefix}${tool.name}`, { post: operation(tool) }])),
    [`${actionsPrefix}answers/{run_id}`]: { get: continueAnswer },
  },
  components: {
    securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    schemas: { answer: answerSchema },
  },
});

const responses = {
  200: {
    description: "What the tool says. `ok` is false for a failure, with a code and the next step.",
    content: { "application/json": { schema: { $ref: "#/components/schemas/answer" } } },
  },
} as const;

function operation(tool: Tool): object {
  const [description, rest] = split(tool.summary);
  return {
    operationId: tool.name,
    summary: tool.title,
    description,
    "x-openai-isConsequential": !annotationsOf(tool.effect).readOnlyHint,
    requestBody: {
      required: true,
      ...(rest === "" ? {} : { description: rest }),
      content: { "application/json": { schema: inputSchemaOf(tool) } },
    },
    responses,
  };
}

/** The sentences that fit into a description, and the others. */
function split(text: string): [fitting: string, rest: string] {
  if (text.length <= longestDescription) return [text, ""];
  const end = text.slice(0, longestDescription).lastIndexOf(". ") + 1;
  return end > 0 ? [text.slice(0, end), text.slice(end).trim()] : [text.slice(0, longestDescription), text];
}

const continueAnswer = {
  operationId: "continue_answer",
  summary: "Rest of an answer",
  description:
    "The next part of an answer that was too long for one response, or the answer of a call that was not finished.",
  "x-openai-isConsequential": false,
  parameters: [
    {
      name: "run_id",
      in: "path",
      required: true,
      description: "`run_id` of the answer before.",
      schema: { type: "string", pattern: "^run_[0-9a-z]{26}$" },
    },
    {
      name: "offset",
      in: "query",
      description: "`next_offset` of the answer before; 0 for an answer that has not been seen at all.",
      schema: { type: "integer", minimum: 0 },
    },
  ],
  responses,
} as const;

const answerSchema = {
  type: "object",
  properties: {
    ok: { type: "boolean" },
    tool: { type: "string" },
    summary: { type: "string" },
    data: {
      type: "object",
      properties: {
        state: { type: "string", description: "running or waiting_approval: call get_run with run_id." },
        run_id: { type: "string" },
        part: { type: "string", description: "Part of the answer's JSON, from `offset` on." },
        next_offset: { type: ["integer", "null"], description: "Where the rest begins: call continue_answer." },
      },
    },
  },
  required: ["ok"],
} as const;
