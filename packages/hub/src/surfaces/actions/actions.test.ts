import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { findTool } from "@paddock/contract/tools";
import { Ajv2020 } from "ajv/dist/2020.js";
import { startTestHub, type TestHub } from "../../hub.fixture.ts";
import type { ScriptedRunner } from "../../machines/runner.fixture.ts";
import { fitting } from "./answer.ts";

let hub: TestHub;
let runner: ScriptedRunner;
let token: string;

/** What the scripted machine answers to any call. */
let data: object | null = {};

before(async () => {
  hub = await startTestHub({ answer_budget_seconds: 1 });
  runner = await hub.dial({
    script: (frame, at) => {
      if (frame.type === "call" && data) at.finish(frame, { data });
    },
  });
  token = await hub.token();
});
after(() => hub[Symbol.asyncDispose]());

const act = (tool: string, input: object = {}, by = token) =>
  hub.http("POST", `/api/v1/actions/${tool}`, { token: by, body: JSON.stringify(input) });
const rest = (run: string, offset: number | string, by = token) =>
  hub.http("GET", `/api/v1/actions/answers/${run}?offset=${offset}`, { token: by });

interface Posted {
  requestBody: { content: Record<"application/json", { schema: object }> };
}

interface Operation {
  operationId: string;
  summary: string;
  description: string;
  "x-openai-isConsequential": boolean;
  parameters?: { description: string }[];
}

test("the document keeps within ChatGPT's limits and names nothing but actions", async () => {
  const { json: document } = await hub.http("GET", "/api/actions.json");
  const paths = Object.entries(document.paths) as [string, { post?: Operation; get?: Operation }][];
  const operations = paths.flatMap(([, { post, get }]) => [post, get]).filter((one) => one !== undefined);
  assert.ok(operations.length > 20 && operations.length <= 30);
  for (const { operationId, summary, description } of operations) {
    assert.ok(summary.length <= 300 && description.length > 0 && description.length <= 300, operationId);
  }
  const descriptions = [...JSON.stringify(document).matchAll(/"description":"((?:[^"\\]|\\.)*)"/g)];
  assert.ok(descriptions.every(([, text = ""]) => text.length <= 700));
  assert.ok(JSON.stringify(document).length < 100_000);
  assert.ok(paths.every(([path]) => path.startsWith("/api/v1/actions/")));
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
});

test("an action asks its user first exactly where its tool does more than read", async () => {
  const { json: document } = await hub.http("GET", "/api/actions.json");
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path as Record<string, Operation>));
  const asks = operations.map((one) => [one.operationId, one["x-openai-isConsequential"]]);
  const reads = ({ operationId: id }: Operation) => id === "continue_answer" || findTool(id)?.effect === "reads";
  assert.deepEqual(
    asks,
    operations.map((one) => [one.operationId, !reads(one)]),
  );
  const isAsked = new Map(asks as [string, boolean][]);
  assert.deepEqual([isAsked.get("run_command"), isAsked.get("read_text_file")], [true, false]);
});

test("what an action takes and answers is described by schemas that are valid", async () => {
  const { json: document } = await hub.http("GET", "/api/actions.json");
  const ajv = new Ajv2020({ strictSchema: true, strictTypes: false, strictRequired: false, validateFormats: false });
  const bodies = Object.values(document.paths).map((path) => (path as { post?: Posted }).post?.requestBody.content);
  for (const body of bodies) if (body) ajv.compile(body["application/json"].schema);
  assert.ok(ajv.validate(document.components.schemas.answer, { ok: true, data: { next_offset: null } }));
  assert.match(document.openapi, /^3\.1\.\d+$/);
});

test("an action is the tool of that name, and no other tool is an action", async () => {
  data = { path: "/srv/a" };
  const { status, json } = await act("write_file", { path: "a", content: "b" });
  assert.deepEqual([status, json.data], [200, { path: "/srv/a" }]);
  for (const name of ["git_push", "exec", "nothing", "constructor", "answers", "..%2ftools%2fgit_push"]) {
    const refused = await act(name);
    assert.deepEqual([refused.status, refused.json.error.code], [404, "unknown_tool"], name);
  }
});

test("nobody acts without a token, beyond a token, or with the wrong method", async () => {
  const reader = await hub.token({ name: "reader", toolset: "readonly" });
  assert.equal((await hub.http("POST", "/api/v1/actions/read_text_file")).status, 401);
  assert.equal((await hub.http("GET", "/api/v1/actions/answers/run_x")).status, 401);
  const refused = await act("write_file", { path: "a", content: "b" }, reader);
  assert.deepEqual([refused.status, refused.json.ok, refused.json.data.code], [200, false, "readonly"]);
  assert.equal((await hub.http("GET", "/api/v1/actions/read_text_file", { token })).status, 405);
  assert.equal((await hub.http("POST", "/api/v1/actions/answers/x", { token, body: "{}" })).status, 405);
});

test("a long answer comes in parts that together are all of it, to its own caller only", async () => {
  data = { path: "/srv/a", content: `${'\u0001"😀 text\n'.repeat(40_000)}end` };
  let { json, text } = await act("read_text_file", { path: "a" });
  const { run_id } = json.data;
  let whole = json.data.part;
  for (let parts = 1; json.data.next_offset !== null; parts += 1) {
    assert.ok(parts < 100 && text.length < 100_000);
    ({ json, text } = await rest(run_id, json.data.next_offset));
    whole += json.data.part;
  }
  assert.deepEqual(JSON.parse(whole).data, data);
  const stranger = await hub.token({ name: "stranger" });
  assert.equal((await rest(run_id, 0, stranger)).json.error.code, "run_not_found");
  for (const offset of [whole.length, -1, 1.5, "x"]) {
    assert.equal((await rest(run_id, offset)).json.error.code, "invalid_input", String(offset));
  }
  assert.equal((await rest("run_forged", 0)).json.error.code, "run_not_found");
});

test("a part never cuts a character, and the last one says so", () => {
  const envelope = Buffer.from(JSON.stringify({ ok: true, data: "😀".repeat(100_000) }));
  const answer = { run: null, state: "completed", ok: true, envelope, content: null } as const;
  const first = JSON.parse(fitting(answer, 0).toString("utf8")).data;
  assert.match(first.part, /😀$/u);
  const length = envelope.toString("utf8").length;
  const last = JSON.parse(fitting(answer, length - 2).toString("utf8")).data;
  assert.deepEqual([last.part, last.next_offset], ['"}', null]);
});

test("a call that lasts comes back as its run, whose answer is there later", async () => {
  data = null;
  const { status, json } = await act("run_command", { command: "sleep 100" });
  assert.deepEqual([status, json.data.state], [200, "running"]);
  runner.finish(await runner.next("call", json.data.run_id), { data: { exit_code: 0 } });
  assert.deepEqual((await rest(json.data.run_id, 0)).json.data, { exit_code: 0 });
});
