/** The OpenAPI 3.1 document of the REST surface, computed from the list of tools. Pure. */
import { annotationsOf, inputSchemaOf, outputSchemaOf, type Tool, toolsets } from "@paddock/contract";
import { type Address, addresses, namesIn } from "./addresses.ts";
import { failureSchema, ownPaths, unfinishedSchema } from "./openapi-own.ts";

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
    ...addressPaths(tools),
    ...ownPaths,
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
    ...callOf(tool, tool.name),
    parameters: callParameters,
    requestBody: { required: true, ...json(inputSchemaOf(tool)) },
  },
});

const callParameters = [parameter("idempotencyKey"), parameter("workspace"), parameter("toolset")];

const callOf = (tool: Tool, operationId: string) => ({
  operationId,
  summary: tool.title,
  description: tool.summary,
  "x-openai-isConsequential": !annotationsOf(tool.effect).readOnlyHint,
  responses: {
    200: { description: "Done.", ...json(outputSchemaOf(tool)) },
    202: { description: "Not finished yet: ask for the run.", ...json({ $ref: "#/components/schemas/unfinished" }) },
    default: { $ref: "#/components/responses/failure" },
  },
});

/** Several methods of one path stand together. */
function addressPaths(tools: readonly Tool[]): Record<string, object> {
  const paths: Record<string, object> = {};
  for (const address of addresses) {
    const tool = tools.find(({ name }) => name === address.tool);
    if (!tool) continue;
    const path = address.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [address.method.toLowerCase()]: addressOperation(address, tool) };
  }
  return paths;
}

function addressOperation(address: Address, tool: Tool): object {
  const { properties = {}, required = [], ...rest } = inputSchemaOf(tool) as ObjectSchema;
  const inPath = namesIn(address);
  const others = Object.keys(properties).filter((name) => !inPath.includes(name));
  const isNeeded = (name: string) => required.includes(name);
  const pathParameters = inPath.map((name) => ({ name, in: "path", required: true, schema: properties[name] }));
  const call = callOf(tool, address.operationId);
  if (address.method === "GET") {
    const query = others.map((name) => ({ name, in: "query", required: isNeeded(name), schema: properties[name] }));
    return { ...call, parameters: [...pathParameters, ...query, ...callParameters] };
  }
  const body = {
    ...rest,
    properties: Object.fromEntries(others.map((name) => [name, properties[name]])),
    required: others.filter(isNeeded),
  };
  const parameters = [...pathParameters, ...callParameters];
  return { ...call, parameters, requestBody: { required: body.required.length > 0, ...json(body) } };
}

interface ObjectSchema {
  properties?: Record<string, object>;
  required?: readonly string[];
}

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
  schema: { type: "string", enum: [...toolsets] },
};
const run = { name: "id", in: "path", required: true, schema: { type: "string", pattern: "^run_[0-9a-z]{26}$" } };
