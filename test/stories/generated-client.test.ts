/** Clients that a generator makes of both OpenAPI documents call every operation there is, on a real hub and machine. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { createClient as generate } from "@hey-api/openapi-ts";
import { startGround } from "../contract/ground.ts";
import { inputOf, type Kept, type Row, at as valueAt } from "../contract/row.ts";
import { rows } from "../contract/rows.ts";
import { needs } from "../needs.ts";
import type { Envelope } from "../world/callers.ts";
import { until } from "../world/until.ts";
import type { World } from "../world/world.ts";

interface Reply {
  data?: unknown;
  error?: unknown;
  response: Response;
}
type Operation = (options: object) => Promise<Reply>;

/** The functions of a generated client, by name, and what was called of them. */
interface Generated {
  call(operationId: string, options?: object): Promise<Reply>;
  readonly uncalled: readonly string[];
}

const withBwrap = needs("bwrap", "git");
let world: World;
let folder: string;

before(async () => {
  world = await startGround();
  folder = mkdtempSync(join(tmpdir(), "pg-client-"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
});
after(async () => {
  await world?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** As the generator names it, which gives way to the global `fetch`. */
const camelCase = (id: string) =>
  id === "fetch" ? "fetch_" : id.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

async function generated(document: string, toolset: string): Promise<Generated> {
  const input = (await (await fetch(`${world.address}/api/${document}.json`)).json()) as Record<string, unknown>;
  const path = join(folder, document);
  await generate({
    input,
    output: { path, importFileExtension: ".ts" },
    plugins: ["@hey-api/client-fetch", "@hey-api/sdk", "@hey-api/typescript"],
    logs: { level: "silent", file: false },
  });
  const load = (file: string) => import(pathToFileURL(join(path, file)).href);
  const operations = (await load("sdk.gen.ts")) as Record<string, Operation>;
  const { client } = (await load("client.gen.ts")) as { client: { setConfig(config: object): void } };
  client.setConfig({ baseUrl: world.address, auth: await world.token({ toolset }) });
  const ids = [...JSON.stringify(input).matchAll(/"operationId":"(\w+)"/g)].map(([, id = ""]) => camelCase(id));
  assert.deepEqual(Object.keys(operations).toSorted(), ids.toSorted());
  const uncalled = new Set(ids);
  return {
    async call(operationId, options = {}) {
      const name = camelCase(operationId);
      uncalled.delete(name);
      const operation = operations[name];
      assert.ok(operation, name);
      return operation(options);
    },
    get uncalled() {
      return [...uncalled];
    },
  };
}

/** Makes the call of a row; what it leaves for later rows stays in `kept`. */
async function make({ call }: Generated, row: Row, kept: Kept): Promise<void> {
  const { data, error, response } = await call(row.tool, { body: inputOf(row, kept) });
  const answer = (data ?? error) as Envelope;
  const words = `${row.tool} ${JSON.stringify(row.input)}: ${JSON.stringify(answer).slice(0, 500)}`;
  if (row.code !== undefined) assert.deepEqual([answer.ok, answer.data.code], [false, row.code], words);
  else assert.notEqual(answer.ok, false, words);
  if (row.code === undefined) assert.equal(response.status, 200, words);
  for (const [name, path] of Object.entries(row.keep ?? {})) kept[name] = String(valueAt(answer.data, path));
  kept.run = response.headers.get("paddock-run") ?? "";
}

test("a client made of the OpenAPI document calls every operation of it", withBwrap, async () => {
  const client = await generated("openapi", "full");
  const kept: Kept = {};
  for (const row of rows) await make(client, row, kept);
  const dataOf = async (id: string, options: object): Promise<Envelope["data"]> => {
    const { data, error, response } = await client.call(id, options);
    assert.equal(response.status, 200, `${id}: ${JSON.stringify(error)}`);
    return (data as Envelope).data ?? data;
  };

  const info = await dataOf("getInfo", {});
  assert.deepEqual([info.name, info.token.toolset, info.counts.machinesOnline], ["paddock", "full", 1]);
  assert.ok((await dataOf("listTools", {})).tools.some(({ name }: { name: string }) => name === "exec"));
  assert.equal((await dataOf("getMachines", {})).machines.length, 1);
  const [ended] = (await dataOf("getRuns", { query: { limit: 1 } })).runs;
  assert.notEqual(ended.finished_at, null);
  assert.deepEqual((await dataOf("execProgram", { body: { program: "echo", arguments: ["$X"] } })).stdout, "$X\n");

  const both = await dataOf("runBatch", { body: { calls: [{ tool: "glob", input: { pattern: "*" } }] } });
  assert.deepEqual([both.outcome, both.results[0].ok], ["completed", true]);

  const made = await client.call("run_command", { body: { command: "echo kept" } });
  const id = made.response.headers.get("paddock-run");
  assert.equal((await dataOf("getRunAnswer", { path: { id }, query: { wait: 5 } })).stdout, "kept\n");
  const going = client.call("run_command", { body: { command: "echo so far; sleep 100" } });
  const run = await until(async () => {
    const [newest] = (await dataOf("getRuns", { query: { limit: 1 } })).runs;
    return newest.finished_at === null && newest.id;
  });
  await until(async () => {
    const { data } = await client.call("readRunOutput", { path: { id: run } });
    return (data as Envelope | undefined)?.data?.stdout === "so far\n";
  });
  assert.deepEqual((await client.call("cancelRun", { path: { id: run } })).data, { run, cancelling: true });
  await going;
  const { error } = await client.call("readRunOutput", { path: { id }, query: { cursor: "0.0" } });
  assert.equal((error as Envelope).data.code, "run_not_found", "it has ended, and its answer says what it printed");

  const session = await dataOf("openSession", { body: { command: "cat", columns: 100 } });
  const path = { id: session.id };
  await dataOf("setSessionSize", { path, body: { columns: 120, rows: 40 } });
  await dataOf("writeToSession", { path, body: { input: "typed\n" } });
  const waited = await dataOf("waitForSession", { path, query: { until: "output", timeout_seconds: 20 } });
  assert.match(waited.stdout, /typed/);
  assert.match((await dataOf("readSession", { path, query: { cursor: "0.0" } })).stdout, /typed/);
  assert.ok((await dataOf("getSessions", {})).processes.some((one: { id: string }) => one.id === session.id));
  await dataOf("signalSession", { path, body: { signal: "SIGCONT" } });
  await dataOf("stopSession", { path, body: { force: true } });

  assert.equal((await dataOf("getMcpServers", {})).servers[0].id, "notes");
  assert.equal((await dataOf("readMcpTools", { path: { server_id: "notes" }, body: {} })).count, 3);
  const echoed = await dataOf("callMcpTool", {
    path: { server_id: "notes", tool: "echo" },
    body: { arguments: { words: "hi" } },
  });
  assert.deepEqual(echoed.structured_content, { said: "hi" });
  assert.ok((await dataOf("getNotificationChannels", {})).channels.length > 0);
  assert.deepEqual(await dataOf("notifyOwner", { body: { text: "Done.", channel: "webhook" } }), {
    channel: "webhook",
  });
  assert.deepEqual(client.uncalled, []);
});

test("a client made of the Actions document calls every action", withBwrap, async () => {
  const client = await generated("actions", "core");
  const actions = new Set(client.uncalled);
  const read = await client.call("run_command", { body: { command: "seq 30000" } });
  const { run_id } = (read.data as Envelope).data;
  const kept: Kept = { run: run_id };
  const refusals = ["unknown_tool", "forbidden", "invalid_input"];
  for (const row of rows.filter(({ tool }) => actions.has(camelCase(tool)))) {
    const { data, response } = await client.call(row.tool, { body: inputOf(row, kept) });
    const answer = data as Envelope;
    const words = `${row.tool} ${JSON.stringify(row.input)}: ${JSON.stringify(answer).slice(0, 500)}`;
    assert.deepEqual([response.status, typeof answer.ok], [200, "boolean"], words);
    // The ground is not as the rows find it in their order; that each is understood and made is what counts here.
    const isOfLongAnswer = JSON.stringify(row.input).includes('"$');
    if (row.code === undefined && !isOfLongAnswer) assert.equal(refusals.includes(answer.data?.code), false, words);
    for (const [name, path] of Object.entries(row.keep ?? {})) kept[name] = String(valueAt(answer.data, path));
  }
  const rest = await client.call("continue_answer", { path: { run_id }, query: { offset: 0 } });
  assert.equal(rest.response.status, 200);
  assert.deepEqual(client.uncalled, []);
});
