import assert from "node:assert/strict";
import { test } from "node:test";
import { noPassphrase } from "@paddock/contract";
import { startTestHub, testConfig } from "../hub.fixture.ts";
import { echo } from "../machines/runner.fixture.ts";
import { startHub } from "../main.ts";

test("the owner makes, lists and revokes tokens, and each step is on record", async () => {
  await using hub = await startTestHub();
  const made = await hub.control("POST", "/tokens", { name: "laptop" });
  const { token, id, toolset } = made.json;
  assert.deepEqual([made.status, toolset], [201, "core"]);
  const listed = (await hub.control("GET", "/tokens")).json.tokens;
  assert.deepEqual([listed.length, listed[0].id, "token" in listed[0], "hash" in listed[0]], [1, id, false, false]);
  assert.equal((await hub.http("GET", "/api/v1/tools", { token })).status, 200);
  assert.equal((await hub.control("DELETE", `/tokens/${id}`)).status, 200);
  assert.equal((await hub.http("GET", "/api/v1/tools", { token })).status, 401);
  await hub.restart();
  assert.equal((await hub.http("GET", "/api/v1/tools", { token })).status, 401);
  assert.deepEqual(
    hub.audit(50).map(({ event }) => event),
    [
      "service.started",
      "token.created",
      "token.revoked",
      "credential.failed",
      "service.stopped",
      "service.started",
      "credential.failed",
    ],
  );
  assert.deepEqual((await hub.control("GET", "/audit/head")).json.seq, 7);
});

test("the owner calls tools as themselves and sees every run", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: echo });
  const wish = { tool: "write_file", input: { path: "a" }, workspace: "/srv/app", idempotencyKey: "k" };
  const answer = await hub.control("POST", "/call", wish);
  assert.deepEqual(answer.json.data, { path: "a" });
  const { principal, workspace, run } = await runner.next("call");
  assert.deepEqual(
    [principal.id, principal.surface, principal.toolset, workspace],
    ["owner", "cli", "full", "/srv/app"],
  );
  assert.equal((await hub.control("POST", "/call", wish)).headers["paddock-run"], run);
  assert.equal((await hub.control("GET", `/runs/${run}`)).json.answer.data.path, "a");
});

test("bad input on the control socket is answered with its code", async () => {
  await using hub = await startTestHub();
  const answers = [
    await hub.control("POST", "/tokens", { name: "" }),
    await hub.control("POST", "/tokens", { name: "n", toolset: "all" }),
    await hub.control("POST", "/tokens", { name: "n", token: "guess-me" }),
    await hub.control("POST", "/tokens", { name: "n", scope: "x" }),
    await hub.control("POST", "/tokens"),
    await hub.control("DELETE", "/tokens/tok_x"),
    await hub.control("GET", "/runs?limit=-1"),
    await hub.control("GET", "/runs/run_x"),
    await hub.control("GET", "/nothing"),
  ];
  assert.deepEqual(
    answers.map(({ status, json }) => [status, json.error.code]),
    [
      [400, "invalid_input"],
      [400, "invalid_input"],
      [400, "weak_token"],
      [400, "invalid_input"],
      [400, "invalid_json"],
      [404, "not_found"],
      [400, "invalid_input"],
      [404, "run_not_found"],
      [404, "not_found"],
    ],
  );
});

test("a second hub for the same state folder is refused and leaves the first alone", async () => {
  await using hub = await startTestHub();
  await assert.rejects(startHub({ home: hub.home, passphrase: noPassphrase, config: testConfig(), version: "1" }), {
    code: "already_running",
  });
  assert.equal((await hub.control("GET", "/status")).status, 200);
});

test("a port that is taken is refused with what to do", async () => {
  await using hub = await startTestHub();
  const port = Number(new URL(hub.address).port);
  await assert.rejects(startTestHub({ port }), { code: "already_running" });
});
