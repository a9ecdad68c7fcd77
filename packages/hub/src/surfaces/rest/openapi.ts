/** The OpenAPI 3.1 document of the REST surface, computed from the list of tools. Pure. */
import { annotationsOf, inputSchemaOf, outputSchemaOf, type Tool } from "@paddock/contract";

export interface OpenApiSource {
  tools: readonly Tool[];
  version: string;
  /** The address that clients use. */
  url: string;
}

export const openapiDocument = ({ tools, version, url }: OpenApiSource) => ({
  openapi: "3.1.0",
  info: {
    title: "Paddock",
    version,
    description:
      "Work on your own machine, under its owner's control. Every call is recorded; risky ones may wait for the owner.",
  },
  servers: [{ url }],
  security: [{ bearer: [] }],
  paths: {
    ...Object.fromEntries(tools.map((tool) => [`/api/v1/tools/${tool.name}`, toolPath(tool)])),
    ...listPath,
    ...runPaths,
  },
  components: {
    securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    parameters: { idempotencyKey, workspace, toolset, run },
    responses: { failure: { description: "A failure, with a code and the next step.", ...json(failureSchema) } },
    schemas: { unfinished: unfinishedSchema },
  },
});

const json = (schema: object) => ({ content: { "application/json": { schema } } });
const parameter = (name: string) => ({ $ref: `#/components/parameters/${name}` });

const toolPath = (tool: Tool) => ({
  post: {
    operationId: tool.name,
    summary: tool.title,
    description: tool.summary,
    "x-openai-isConsequential": !annotationsOf(tool.effect).readOnlyHint,
    parameters: [parameter("idempotencyKey"), parameter("workspace"), parameter("toolset")],
    requestBody: { required: true, ...json(inputSchemaOf(tool)) },
    responses: {
      200: { description: "Done.", ...json(outputSchemaOf(tool)) },
      202: { description: "Not finished yet: ask for the run.", ...json({ $ref: "#/components/schemas/unfinished" }) },
      default: { $ref: "#/components/responses/failure" },
    },
  },
});

const listPath = {
  "/api/v1/tools": {
    get: {
      operationId: "listTools",
      summary: "The tools that this token may call",
      responses: {
        200: { description: "Their names, summaries and schemas.", ...json({ type: "object" }) },
        default: { $ref: "#/components/responses/failure" },
      },
    },
  },
};

const runPaths = {
  "/api/v1/runs/{id}": {
    get: {
      operationId: "getRunAnswer",
      summary: "The answer of an earlier call",
      parameters: [
        parameter("run"),
        {
          name: "wait",
          in: "query",
          description: "Seconds to wait for it.",
          schema: { type: "integer", minimum: 0, maximum: 30 },
        },
      ],
      responses: {
        200: { description: "The answer of the tool that was called.", ...json({ type: "object" }) },
        202: { description: "Not finished yet.", ...json({ $ref: "#/components/schemas/unfinished" }) },
        default: { $ref: "#/components/responses/failure" },
      },
    },
  },
  "/api/v1/runs/{id}/cancel": {
    post: {
      operationId: "cancelRun",
      summary: "Ask for a run to be stopped",
      parameters: [parameter("run")],
      responses: {
        202: { description: "The machine was asked to stop it.", ...json({ type: "object" }) },
        default: { $ref: "#/components/responses/failure" },
      },
    },
  },
};

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  description: "The same key with the same call gives the same run, so that a repetition does nothing twice.",
  schema: { type: "string", minLength: 1, maxLength: 200 },
};
const workspace = {
  name: "workspace",
  in: "query",
  description: "Absolute path of the root to work in.",
  schema: { type: "string" },
};
const toolset = {
  name: "toolset",
  in: "query",
  description: "Asks for less than the token allows.",
  schema: { type: "string", enum: ["core", "full", "readonly"] },
};
const run = { name: "id", in: "path", required: true, schema: { type: "string", pattern: "^run_[0-9a-z]{26}$" } };

const unfinishedSchema = {
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
const failureSchema = {
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
