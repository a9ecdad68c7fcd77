/** The part of the OpenAPI document that no tool gives: what the surface answers itself, and what all answers share. Pure. */
import { longestRunWaitSeconds } from "@paddock/contract";

const json = (schema: object) => ({ content: { "application/json": { schema } } });
const text = { type: "string" } as const;
const count = { type: "integer", minimum: 0 } as const;
const object = (properties: Record<string, object>) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});
const failure = { $ref: "#/components/responses/failure" };
const unfinished = { description: "Not finished yet.", ...json({ $ref: "#/components/schemas/unfinished" }) };
const run = { $ref: "#/components/parameters/run" };

const wait = {
  name: "wait",
  in: "query",
  description: "Seconds to wait for it.",
  schema: { type: "integer", minimum: 0, maximum: longestRunWaitSeconds },
};

const infoSchema = object({
  name: text,
  version: text,
  url: text,
  token: object({ name: text, toolset: text, workspaces: { type: "array", items: text } }),
  limits: object({
    answerBudgetSeconds: { type: "number" },
    longestWaitSeconds: count,
    commandTimeoutSeconds: count,
    approvalTimeoutSeconds: count,
    runsAtOnce: count,
    bodyBytes: count,
  }),
  counts: object({ machines: count, machinesOnline: count, openRuns: count, waitingApprovals: count }),
  generatedAt: { type: "string", format: "date-time" },
});

const toolSchema = object({
  name: text,
  title: text,
  summary: text,
  effect: text,
  inputSchema: { type: "object" },
  outputSchema: { type: "object" },
});

const looks = (operationId: string, summary: string, description: string, schema: object) => ({
  operationId,
  summary,
  description: `${description}.`,
  "x-openai-isConsequential": false,
  responses: { 200: { description, ...json(schema) }, default: failure },
});

export const ownPaths = {
  "/api/v1/info": {
    get: looks("getInfo", "This installation", "Its version, its limits, and what this token may do", infoSchema),
  },
  "/api/v1/tools": {
    get: looks(
      "listTools",
      "The tools that this token may call",
      "Their names, summaries and schemas",
      object({ tools: { type: "array", items: toolSchema } }),
    ),
  },
  "/api/v1/runs/{id}": {
    get: {
      ...looks("getRunAnswer", "The answer of an earlier call", "The answer of the tool that was called", {
        type: "object",
      }),
      parameters: [run, wait],
      responses: {
        200: { description: "The answer of the tool that was called.", ...json({ type: "object" }) },
        202: unfinished,
        default: failure,
      },
    },
  },
  "/api/v1/runs/{id}/cancel": {
    post: {
      operationId: "cancelRun",
      summary: "Ask for a run to be stopped",
      description: "The run ends as cancelled, or as what it has become by then.",
      "x-openai-isConsequential": true,
      parameters: [run],
      responses: {
        202: {
          description: "The machine was asked to stop it.",
          ...json(object({ run: text, cancelling: { type: "boolean" } })),
        },
        default: failure,
      },
    },
  },
};

export const unfinishedSchema = {
  type: "object",
  properties: {
    ok: { const: true },
    tool: { type: "string" },
    summary: { type: "string" },
    data: {
      type: "object",
      properties: { state: { enum: ["running", "waiting_approval"] }, run_id: { type: "string" } },
      required: ["state", "run_id"],
    },
  },
  required: ["ok", "tool", "summary", "data"],
};

/** A failed call answers with the tools' envelope, a request that never became one with `error`. */
export const failureSchema = {
  type: "object",
  properties: {
    ok: { const: false },
    tool: { type: "string" },
    summary: { type: "string" },
    data: {
      type: "object",
      properties: {
        code: { type: "string" },
        message: { type: "string" },
        next_step: { type: "string" },
        run_id: { type: "string" },
      },
    },
    error: {
      type: "object",
      properties: {
        code: { type: "string" },
        message: { type: "string" },
        nextStep: { type: "string" },
        reference: { type: "string" },
      },
    },
  },
};
