/** What each surface shows and to whom: the lists of tools, the instructions, the OpenAPI document, the routes, and whose things are whose. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { tools } from "@paddock/contract/tools";
import { needs } from "../needs.ts";
import { until } from "../world/until.ts";
import { startWorld, type World } from "../world/world.ts";
import { type Listed, prepareGround, type Surfaces, surfacesOf } from "./ground.ts";

const core = [
  "agent_status",
  "apply_patch",
  "delete_file",
  "edit_file",
  "get_run",
  "git_add",
  "git_commit",
  "git_diff",
  "git_log",
  "git_status",
  "glob",
  "grep",
  "list_directory",
  "move_file",
  "multi_edit",
  "process_output",
  "project_context",
  "read_text_file",
  "remember",
  "rewind",
  "run_command",
  "start_process",
  "stop_process",
  "write_file",
  "write_process",
];

let world: World;
let full: Surfaces;

before(async () => {
  world = await startWorld({ settings: { PADDOCK_FAILED_CREDENTIALS_PER_MINUTE: "1000" } });
  full = surfacesOf(world, await world.token());
});
after(() => world?.[Symbol.asyncDispose]());

const namesOf = (listed: readonly Listed[]) => listed.map(({ name }) => name).toSorted();
const isFor = (audience: "agent" | "person") =>
  Object.values(tools)
    .filter((tool) => (tool.audience as readonly string[]).includes(audience))
    .map(({ name }) => name)
    .toSorted();

test(
  "core is the list that was promised, and servers join it once they are bridged",
  needs("bwrap", "git"),
  async () => {
    await using own = await startWorld();
    const { tools: list } = surfacesOf(own, await own.token({ toolset: "core" }));
    assert.deepEqual(namesOf(await list()), core);
    await prepareGround(own);
    await until(async () => (await list()).length > core.length);
    assert.deepEqual(namesOf(await list()), [...core, "mcp_call", "mcp_tools"].toSorted());
  },
);

test("agent_status names the list of tools as the documents do", needs("bwrap"), async () => {
  const { body } = await full.rest("agent_status", {});
  const file = new URL("../../docs/generated/tools.fingerprint", import.meta.url);
  assert.equal(readFileSync(file, "utf8").includes(body.data.tool_list), true);
});

test("full is everything for agents, and person-only tools are on no surface", needs("bwrap"), async () => {
  assert.deepEqual(namesOf(await full.tools()), isFor("agent"));
  const ofPeople = isFor("person").filter((name) => !isFor("agent").includes(name));
  for (const name of ofPeople) {
    assert.equal((await full.mcp(name, {})).structuredContent?.data.code, "needs_owner");
    assert.equal((await full.rest(name, {})).body.data.code, "needs_owner");
  }
});

test("each tool is named and described within the limits that clients have", needs("bwrap"), async () => {
  for (const { name, title, description, inputSchema, outputSchema, annotations } of await full.tools()) {
    assert.match(name, /^[a-z0-9_]{1,64}$/);
    assert.match(title, /^[A-Z].{2,63}$/);
    assert.match(description, /^[A-Z].*[.)`]$/s, name);
    assert.ok(description.length <= 1024, name);
    for (const schema of [inputSchema, outputSchema]) assert.equal((schema as { type?: unknown }).type, "object", name);
    assert.deepEqual(
      Object.entries(annotations).filter(([, hint]) => typeof hint !== "boolean"),
      [],
    );
  }
});

test("what every conversation carries is small", needs("bwrap"), async () => {
  const { ask } = surfacesOf(world, await world.token({ toolset: "core" }));
  const bytes = Buffer.byteLength(JSON.stringify(await ask("tools/list")));
  assert.ok(bytes < 35_000, `${bytes} bytes`);
});

const opening = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };

test("the instructions are short, and their beginning stands alone", needs("bwrap", "git"), async () => {
  await using own = await startWorld();
  const { ask } = surfacesOf(own, await own.token());
  await prepareGround(own);
  const text = await until(async () => {
    const { instructions } = await ask("initialize", opening);
    return instructions.includes("Be careful") && (instructions as string);
  });
  assert.ok(Buffer.byteLength(text) < 4_000, `${Buffer.byteLength(text)} bytes`);
  const [first = ""] = text.split("\n\n");
  assert.ok(first.length <= 512, `${first.length} characters`);
  for (const name of first.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? []) {
    assert.equal(name in tools || ["run_id", "next_step"].includes(name), true, name);
  }
  assert.match(first, /\.$/);
  assert.ok(text.includes(own.workspace));
});

/** Paths of an OpenAPI document as the routes of the hub write them. */
const asRoute = (path: string) => path.replaceAll(/\{(\w+)\}/g, ":$1");

test("nobody gets an answer without a credential, apart from a short list", needs("bwrap"), async () => {
  const openPaths = ["/", "/api/actions.json", "/api/openapi.json", "/healthz", "/readyz"];
  const { routes } = await import("../../packages/hub/src/surfaces/routes.ts");
  const listed = routes({} as Parameters<typeof routes>[0]);
  assert.deepEqual(
    listed
      .filter(({ open }) => open)
      .map(({ method, path }) => `${method} ${path}`)
      .toSorted(),
    openPaths.map((path) => `GET ${path}`),
  );
  const closed = [
    ...listed.filter(({ open }) => !open),
    ...["GET", "POST", "DELETE"].map((method) => ({ method, path: "/mcp" })),
    ...Object.keys(tools).map((name) => ({ method: "POST", path: `/api/v1/tools/${name}` })),
  ];
  for (const { method, path } of closed) {
    for (const headers of [{}, { authorization: "Basic eDp5" }] as Record<string, string>[]) {
      const response = await fetch(`${world.address}${path.replaceAll(/:\w+/g, `run_${"0".repeat(26)}`)}`, {
        method,
        headers,
      });
      const { error } = (await response.json()) as { error: { code: string; nextStep: string } };
      assert.deepEqual([response.status, error.code], [401, "unauthorized"], `${method} ${path}`);
      assert.match(error.nextStep, /token/);
      assert.match(response.headers.get("www-authenticate") ?? "", /^Bearer/);
    }
  }
});

test("what is open tells nothing about this machine", needs("bwrap"), async () => {
  for (const path of ["/", "/api/openapi.json", "/healthz", "/readyz", "/nothing", "/mcp", "/metrics"]) {
    const text = await (await fetch(`${world.address}${path}`)).text();
    for (const secret of [world.workspace, world.home, process.env.USER ?? "/root"]) {
      assert.equal(text.includes(secret), false, `${path} tells ${secret}`);
    }
  }
});

// biome-ignore lint/suspicious/noExplicitAny: a test looks anywhere in the document
type Json = any;

test("the OpenAPI document is one, and lists exactly the routes and tools there are", needs("bwrap"), async () => {
  const document = (await (await fetch(`${world.address}/api/openapi.json`)).json()) as Json;
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  const { routes } = await import("../../packages/hub/src/surfaces/routes.ts");
  const ajv = new Ajv2020({ strictSchema: true, strictTypes: false, strictRequired: false, validateFormats: false });
  assert.match(document.openapi, /^3\.1\.\d+$/);
  assert.deepEqual(document.servers, [{ url: world.address }]);
  const operations = Object.entries(document.paths as Json).flatMap(([path, item]) =>
    Object.entries(item as Json).map(([method, operation]) => ({ path, method, operation: operation as Json })),
  );
  const api = routes({} as Parameters<typeof routes>[0]).filter(({ path }) => path.startsWith("/api/v1/"));
  assert.deepEqual(
    operations.map(({ path, method }) => `${method.toUpperCase()} ${asRoute(path)}`).toSorted(),
    [
      ...api.map(({ method, path }) => `${method} ${path}`),
      ...isFor("agent").map((name) => `POST /api/v1/tools/${name}`),
    ].toSorted(),
  );
  const resolve = ({ $ref, ...own }: Json): Json =>
    $ref === undefined
      ? own
      : $ref
          .slice(2)
          .split("/")
          .reduce((at: Json, key: string) => at[key], document);
  for (const { path, operation } of operations) {
    checkOperation(path, operation, resolve);
    const bodies = [operation.requestBody, ...Object.values(operation.responses)].filter(Boolean).map(resolve);
    for (const body of bodies) ajv.compile(resolve(body.content["application/json"].schema));
  }
});

function checkOperation(path: string, operation: Json, resolve: (value: Json) => Json): void {
  assert.match(operation.operationId, /^[A-Za-z][A-Za-z0-9_]{0,63}$/);
  assert.ok(operation.summary.length > 0 && operation.summary.length <= 300, path);
  const parameters = (operation.parameters ?? []).map(resolve);
  for (const { name, in: place, required = false, schema } of parameters) {
    assert.equal(["path", "query", "header"].includes(place), true, name);
    assert.equal(typeof schema, "object");
    if (place === "path") assert.deepEqual([required, path.includes(`{${name}}`)], [true, true], path);
  }
  const inPath = parameters.filter((parameter: Json) => parameter.in === "path").map(({ name }: Json) => name);
  assert.deepEqual(
    [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
    inPath,
  );
  for (const [status, response] of Object.entries(operation.responses)) {
    assert.match(status, /^[1-5]\d\d$|^default$/);
    assert.equal(typeof resolve(response).description, "string");
  }
}
