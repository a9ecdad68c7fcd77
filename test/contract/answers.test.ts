/**
 * Real answers of every tool, successes and failures, over MCP and REST, held against what is declared: the schemas that
 * clients are shown, the table of errors, and the one shape of an answer.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ErrorCode, errors } from "@paddock/contract";
import { type ToolName, tools } from "@paddock/contract/tools";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { needs } from "../needs.ts";
import type { Envelope } from "../world/callers.ts";
import { startWorld, type World } from "../world/world.ts";
import { type McpResult, type Surfaces, startGround, surfacesOf } from "./ground.ts";
import { at, inputOf, type Kept, type Row } from "./row.ts";
import { rows } from "./rows.ts";

const longestText = 128 * 1024;
const ajv = new Ajv2020({ strictSchema: true, strictTypes: false, strictRequired: false, allErrors: true });

let world: World;
let surfaces: Surfaces;
const validators = new Map<string, ValidateFunction>();
const kept: Kept = {};

before(async () => {
  world = await startGround();
  surfaces = surfacesOf(world, await world.token());
  for (const { name, outputSchema } of await surfaces.tools()) validators.set(name, ajv.compile(outputSchema));
});
after(() => world?.[Symbol.asyncDispose]());

function checkSchema(tool: string, answer: unknown): void {
  const validate = validators.get(tool);
  assert.ok(validate, `tools/list has no ${tool}`);
  assert.equal(
    validate(answer),
    true,
    `${JSON.stringify(validate.errors)} in ${JSON.stringify(answer).slice(0, 2000)}`,
  );
}

/** Every field of the data is declared: what a schema does not know, parsing leaves out. */
function checkDeclared(tool: ToolName, data: unknown): void {
  assert.deepEqual(tools[tool].output.parse(data), data);
}

function checkFailure({ ok, tool, summary, data }: Envelope, called: string, code: ErrorCode): void {
  assert.deepEqual({ ok, tool, code: data.code }, { ok: false, tool: called, code }, summary);
  assert.equal(code in errors, true);
  assert.equal(data.message, summary);
  assert.match(data.message, /\S/);
  assert.match(data.next_step, /\S.*[.;`]$/s);
  const { details: _, ...plain } = data;
  assert.deepEqual(Object.keys(plain).toSorted(), [
    "code",
    "message",
    "next_step",
    ...("run_id" in data ? ["run_id"] : []),
  ]);
}

function checkText({ content, structuredContent }: McpResult): void {
  const json = JSON.stringify(structuredContent);
  const [first] = content;
  assert.equal(first?.type, "text");
  if (Buffer.byteLength(json) <= longestText) assert.deepEqual(JSON.parse(first?.text ?? ""), structuredContent);
  else assert.match(first?.text ?? "", /structuredContent/);
}

/** A machine that is there was seen when somebody asked. */
const atNoMoment = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer, (key, value: unknown) => (key === "last_seen_at" ? null : value)));

async function checkRow(row: Row, key: string): Promise<void> {
  const input = inputOf(row, kept);
  const result = await surfaces.mcp(row.tool, input, key);
  const answer = checkResult(row, result);
  const rest = await surfaces.rest(row.tool, input, key);
  assert.equal(rest.status, row.code === undefined ? 200 : errors[row.code].status);
  assert.deepEqual(atNoMoment(rest.body), atNoMoment(answer));
  if (rest.run) kept.run = rest.run;
}

function checkResult(row: Row, result: McpResult): Envelope {
  const { tool, code, data = {}, keep = {}, also } = row;
  const { structuredContent, content, isError = false } = result;
  const answer = structuredContent ?? (JSON.parse(content[0]?.text ?? "") as Envelope);
  assert.equal(isError, code !== undefined, JSON.stringify(answer).slice(0, 2000));
  if (code === undefined || tools[tool].envelope) checkShown(tool, result);
  else assert.equal(structuredContent, undefined);
  if (code !== undefined) checkFailure(answer, tool, code);
  else if (tools[tool].envelope) checkSuccess(tool, answer);
  else checkDeclared(tool, answer);
  also?.(result);
  for (const [path, value] of Object.entries(data)) assert.deepEqual(at(answer.data, path), value, path);
  for (const [name, path] of Object.entries(keep)) kept[name] = String(at(answer.data, path));
  return answer;
}

function checkShown(tool: string, result: McpResult): void {
  checkText(result);
  checkSchema(tool, result.structuredContent);
}

function checkSuccess(tool: ToolName, answer: Envelope): void {
  const { ok, tool: named, summary, data, ...more } = answer;
  assert.deepEqual([ok, more], [true, {}]);
  assert.match(summary, /\S/);
  assert.equal(named === tool, tool !== "get_run", "get_run answers as the tool whose run it is");
  if (tool !== "get_run") checkDeclared(tool, data);
}

for (const [index, row] of rows.entries()) {
  const { tool, input, code = "answers" } = row;
  test(`${tool} ${JSON.stringify(input).slice(0, 80)}: ${code}`, needs("bwrap", "git"), () =>
    checkRow(row, `row-${index}`),
  );
}

test("the table has a success and a failure of every tool", () => {
  const covered = (failed: boolean) =>
    [...new Set(rows.filter(({ code }) => (code !== undefined) === failed).map(({ tool }) => tool))].toSorted();
  const all = Object.keys(tools).toSorted();
  assert.deepEqual({ successes: covered(false), failures: covered(true) }, { successes: all, failures: all });
});

const slow = { command: "sleep 3; echo done" };
const asks = { command: "echo out", needs: { no_cage: true, reason: "to see who answers" } };

/** The answer to a call that is not over within the budget, on both surfaces, which is the same run. */
async function unfinished(at: Surfaces, input: object, state: string): Promise<string> {
  const result = await at.mcp("run_command", input, state);
  const { run_id: id } = result.structuredContent?.data ?? {};
  assert.equal(result.isError ?? false, false);
  checkShown("run_command", result);
  const rest = await at.rest("run_command", input, state);
  assert.deepEqual([rest.status, rest.run], [202, id]);
  for (const { ok, tool, summary, data } of [result.structuredContent ?? rest.body, rest.body]) {
    assert.deepEqual({ ok, tool, data }, { ok: true, tool: "run_command", data: { state, run_id: id } });
    assert.match(summary, new RegExp(`get_run with id ${id}`));
  }
  return id;
}

test(
  "what is not over in time says how to go on, and get_run gives the tool's own answer",
  needs("bwrap"),
  async () => {
    await using slowWorld = await startWorld({ settings: { PADDOCK_ANSWER_BUDGET_SECONDS: "1" } });
    const at = surfacesOf(slowWorld, await slowWorld.token());
    const id = await unfinished(at, slow, "running");
    const over = await at.mcp("get_run", { id, wait_seconds: 30 });
    checkShown("get_run", over);
    checkShown("run_command", over);
    checkSuccess("run_command", over.structuredContent as Envelope);
    assert.equal(over.structuredContent?.data.stdout, "done\n");

    const waiting = await unfinished(at, asks, "waiting_approval");
    const still = await at.mcp("get_run", { id: waiting, wait_seconds: 0 });
    checkShown("get_run", still);
    assert.equal(still.structuredContent?.data.state, "waiting_approval");
    const { questions } = JSON.parse(await slowWorld.paddock("approve", "--json"));
    await slowWorld.paddock("approve", questions[0].id, "--deny");
    const denied = await at.mcp("get_run", { id: waiting, wait_seconds: 30 });
    checkShown("get_run", denied);
    checkFailure(denied.structuredContent as Envelope, "run_command", "approval_denied");
    assert.equal(denied.isError, true);
  },
);

test("a run that is fetched later brings its image too", needs("bwrap", "git"), async () => {
  const { run } = await surfaces.rest("read_text_file", { path: "pixel.png" }, "the-image");
  const fetched = await surfaces.mcp("get_run", { id: run });
  assert.equal(fetched.structuredContent?.data.mime_type, "image/png");
  assert.deepEqual(
    fetched.content.map(({ type }) => type),
    ["text", "image"],
  );
});

test("every tool's schema has room for an unfinished run", needs("bwrap", "git"), () => {
  const ids = { state: "running", run_id: `run_${"0".repeat(26)}` };
  for (const { name, envelope } of Object.values(tools)) {
    if (envelope) checkSchema(name, { ok: true, tool: name, summary: "Still running.", data: ids });
  }
});
