import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "@paddock/contract";
import { startTestHub } from "../../hub.fixture.ts";
import type { Script } from "../../machines/runner.fixture.ts";

/** Commands go on; what they printed is told. */
const printing: Script = (frame, runner) => {
  if (frame.tool === "process_output") runner.finish(frame, { data: frame.input });
};
const quick = { answer_budget_seconds: 0.05 };

test("the output of a call is asked where it runs, in its workspace, by cursor and bounded", async () => {
  await using hub = await startTestHub(quick);
  const runner = await hub.dial({ script: printing });
  const token = await hub.token({ workspaces: ["/srv/app", "/srv/other"] });
  const body = JSON.stringify({ command: "make" });
  const started = await hub.http("POST", "/api/v1/tools/run_command?workspace=/srv/other", { token, body });
  const { run_id } = started.json.data;
  const read = await hub.http("GET", `/api/v1/runs/${run_id}/output?cursor=3.0&max_bytes=100`, { token });
  assert.deepEqual([read.status, read.json.data], [200, { cursor: "3.0", id: run_id, max_bytes: 100 }]);
  const asked = await runner.next("call", read.headers["paddock-run"] as never);
  assert.deepEqual([asked.tool, asked.workspace], ["process_output", "/srv/other"]);
  const elsewhere = await hub.http("GET", `/api/v1/runs/${run_id}/output?workspace=/srv/app`, { token });
  assert.equal(elsewhere.json.data.code, "forbidden");
});

test("another caller's run, an unknown one, a batch and a machine it is not on have no output, and no machine is asked", async () => {
  await using hub = await startTestHub(quick);
  const runner = await hub.dial({ script: printing });
  const [token, stranger] = [await hub.token(), await hub.token()];
  const metrics = await hub.token({ scope: "metrics" });
  const { run_id } = (await hub.call(token, "run_command", { command: "make" })).json.data;
  const batch = await hub.call(token, "batch", { calls: [{ tool: "run_command", input: { command: "make" } }] });
  const output = (id: string, by = token, query = "") =>
    hub.http("GET", `/api/v1/runs/${id}/output${query}`, { token: by });
  const refused = [
    await output(run_id, stranger),
    await output(newId("run")),
    await output(run_id, token, "?machine=another"),
    await output(batch.json.data.run_id),
    await output(run_id, metrics),
    await hub.http("GET", `/api/v1/runs/${run_id}/output`),
  ];
  assert.deepEqual(
    refused.map(({ status, json }) => [status, (json.error ?? json.data).code]),
    [
      [404, "run_not_found"],
      [404, "run_not_found"],
      [404, "run_not_found"],
      [400, "invalid_input"],
      [403, "forbidden"],
      [401, "unauthorized"],
    ],
  );
  const asked = runner.heard.filter((frame) => frame.type === "call" && frame.tool === "process_output");
  assert.deepEqual(asked, []);
});
