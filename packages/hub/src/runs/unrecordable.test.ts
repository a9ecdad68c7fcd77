import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { startTestHub } from "../hub.fixture.ts";
import { echo } from "../machines/runner.fixture.ts";

test("while the hub cannot record, it sends nothing to the machine and answers nothing itself, until it can again", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: echo });
  const token = await hub.token();
  const folder = join(hub.home, "hub");
  renameSync(folder, `${folder}-aside`);
  const codeOf = async (tool: string, input: object) => (await hub.call(token, tool, input)).json.data.code;
  for (let tries = 0; (await codeOf("list_machines", {})) !== "audit_unavailable"; tries += 1) {
    assert.ok(tries < 200, "it goes on without a log");
    await wait(50);
  }
  const calls = () => runner.heard.filter(({ type }) => type === "call").length;
  const taken = calls();
  assert.equal(await codeOf("read_text_file", { path: "a" }), "audit_unavailable");
  assert.equal(await codeOf("run_command", { command: "true" }), "audit_unavailable");
  assert.equal(calls(), taken);
  renameSync(`${folder}-aside`, folder);
  assert.equal(await codeOf("read_text_file", { path: "a" }), undefined);
  assert.equal(calls(), taken + 1);
});
