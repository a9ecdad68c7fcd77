import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import type { RunId } from "@paddock/contract";
import type { Answer } from "../../runs/runs.ts";
import { about, completed, scriptedRuns, startSurface, type World } from "./mcp.fixture.ts";

const modernMeta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const slowCall = (id: number, meta: object = {}) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: "run_command", arguments: {}, _meta: meta },
});
const modernHeaders = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "run_command" };

/** Runs that answer when told to. */
function heldRuns() {
  const started = Promise.withResolvers<RunId>();
  const answer = Promise.withResolvers<Answer>();
  const runs = scriptedRuns((_call, run) => {
    started.resolve(run);
    return answer.promise;
  });
  return {
    runs,
    started: started.promise,
    finish: async () => answer.resolve(completed(await started.promise, { done: true })),
  };
}

async function* events(response: Response): AsyncGenerator<{ method?: string; params?: object; result?: object }> {
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}

const openStream = (world: World, headers: Record<string, string> = {}) =>
  fetch(world.url, { headers: { accept: "text/event-stream", ...headers } });

test("a long call begins to answer early, tells its progress, and ends with the result", async () => {
  const { runs, finish } = heldRuns();
  await using world = await startSurface(runs);
  const response = await world.post(slowCall(1, { progressToken: "p" }));
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const stream = events(response);
  const progress = await stream.next();
  assert.deepEqual(progress.value, {
    jsonrpc: "2.0",
    method: "notifications/progress",
    params: { progressToken: "p", progress: 1, message: "Still running after 1 s." },
  });
  await finish();
  const last = await stream.next();
  assert.deepEqual(last.value?.result?.structuredContent?.data, { done: true });
  assert.equal((await stream.next()).done, true);
});

test("a client that accepts no stream gets plain JSON, however long it takes", async () => {
  const { runs, started, finish } = heldRuns();
  await using world = await startSurface(runs);
  const pending = world.post(slowCall(1), { accept: "application/json" });
  await started;
  setTimeout(finish, 1200);
  const response = await pending;
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(((await response.json()) as { id: number }).id, 1);
});

test("notifications/cancelled stops the run it means, and only its owner's", async () => {
  const { runs, started, finish } = heldRuns();
  await using world = await startSurface(runs);
  const call = world.post(slowCall(7), { authorization: "Bearer mine" });
  const run = await started;
  const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } };
  assert.equal((await world.post(cancel, { authorization: "Bearer yours" })).status, 202);
  assert.deepEqual(runs.cancelled, []);
  assert.equal((await world.post(cancel, { authorization: "Bearer mine" })).status, 202);
  assert.deepEqual(runs.cancelled, [run]);
  await finish();
  await (await call).text();
  await world.post(cancel, { authorization: "Bearer mine" });
  assert.deepEqual(runs.cancelled, [run]);
});

test("a legacy client that goes away ends its wait, not its run", async () => {
  const { runs, started } = heldRuns();
  await using world = await startSurface(runs);
  const leaving = new AbortController();
  const call = fetch(world.url, {
    method: "POST",
    signal: leaving.signal,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(slowCall(1)),
  });
  await started;
  const { signal } = runs.calls[0] ?? assert.fail("no call");
  leaving.abort();
  await assert.rejects(call);
  if (!signal?.aborted) await once(signal ?? assert.fail("no signal"), "abort");
  assert.deepEqual(runs.cancelled, []);
});

test("a modern client cancels by closing the stream of its call", async () => {
  const { runs, started } = heldRuns();
  await using world = await startSurface(runs);
  const response = await world.post(slowCall(1, modernMeta), modernHeaders);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const run = await started;
  const { signal } = runs.calls[0] ?? assert.fail("no call");
  await response.body?.cancel();
  if (!signal?.aborted) await once(signal ?? assert.fail("no signal"), "abort");
  assert.deepEqual(runs.cancelled, [run]);
});

test("an open GET stream hears of a changed tool list and delays no POST of its session", async () => {
  await using world = await startSurface(scriptedRuns((_call, run) => completed(run, {})));
  const opening = {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } },
  };
  const session = (await world.post(opening)).headers.get("mcp-session-id") ?? "";
  const stream = events(await openStream(world, { "mcp-session-id": session }));
  assert.equal((await world.post(slowCall(2), { "mcp-session-id": session })).status, 200);
  world.machine.set({ ...about, instructions: "Other words do not change the tools." });
  world.machine.set({ ...about, bridged: true });
  assert.deepEqual((await stream.next()).value, { jsonrpc: "2.0", method: "notifications/tools/list_changed" });
  await stream.return(undefined);
});

test("a modern subscription hears of a changed tool list", async () => {
  await using world = await startSurface(scriptedRuns((_call, run) => completed(run, {})));
  const listen = {
    jsonrpc: "2.0",
    id: 5,
    method: "subscriptions/listen",
    params: { _meta: modernMeta, notifications: { toolsListChanged: true } },
  };
  const stream = events(
    await world.post(listen, { "mcp-protocol-version": "2026-07-28", "mcp-method": "subscriptions/listen" }),
  );
  assert.equal((await stream.next()).value?.method, "notifications/subscriptions/acknowledged");
  world.machine.set({ ...about, bridged: true });
  assert.equal((await stream.next()).value?.method, "notifications/tools/list_changed");
  await stream.return(undefined);
});

test("streams of one principal are capped: a new one ends its oldest, and nobody else's", async () => {
  await using world = await startSurface(scriptedRuns((_call, run) => completed(run, {})));
  const others = await openStream(world, { authorization: "Bearer other" });
  const oldest = await openStream(world);
  const more = await Promise.all(Array.from({ length: 16 }, () => openStream(world)));
  assert.equal(await oldest.text(), ": open\n\n");
  assert.equal(world.openStreams(), 17);
  await Promise.all([others, ...more].map((stream) => stream.body?.cancel()));
});

test("the end of what a principal was granted ends its streams of both eras, and nobody else's", async () => {
  await using world = await startSurface(scriptedRuns((_call, run) => completed(run, {})));
  const listen = (token: string) =>
    world.post(
      {
        jsonrpc: "2.0",
        id: 5,
        method: "subscriptions/listen",
        params: { _meta: modernMeta, notifications: { toolsListChanged: true } },
      },
      {
        authorization: `Bearer ${token}`,
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "subscriptions/listen",
      },
    );
  const [mine, other] = [events(await listen("mine")), events(await listen("other"))];
  for (const stream of [mine, other]) {
    assert.equal((await stream.next()).value?.method, "notifications/subscriptions/acknowledged");
  }
  const [legacyMine, legacyOther] = [
    await openStream(world, { authorization: "Bearer mine" }),
    await openStream(world, { authorization: "Bearer other" }),
  ];
  world.endStreams("mine");
  assert.equal(await legacyMine.text(), ": open\n\n");
  await assert.rejects(mine.next());
  world.machine.set({ ...about, bridged: true });
  assert.equal((await other.next()).value?.method, "notifications/tools/list_changed");
  assert.equal(world.openStreams(), 1);
  await Promise.all([other.return(undefined), legacyOther.body?.cancel()]);
});
