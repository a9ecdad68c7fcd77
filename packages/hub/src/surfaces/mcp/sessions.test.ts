import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { PaddockError } from "@paddock/contract";
import { completed, scriptedRuns, startSurface } from "./mcp.fixture.ts";
import { sessionKey, sessions } from "./sessions.ts";

const key = Buffer.alloc(32, 1);
const opening = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } },
};
const ping = { jsonrpc: "2.0", id: 2, method: "ping" };
const runs = () => scriptedRuns((_call, run) => completed(run, {}));

test("an id proves who it was issued to", () => {
  const here = sessions(key);
  const id = here.create("tok_a");
  const changed = id.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
  assert.deepEqual(
    [
      here.isOpen("tok_a", id),
      here.isOpen("tok_b", id),
      sessions(Buffer.alloc(32, 2)).isOpen("tok_a", id),
      here.isOpen("tok_a", changed),
    ],
    [true, false, false, false],
  );
});

for (const forged of [
  "",
  ".",
  "a.b",
  "x".repeat(64),
  `${"a".repeat(20)}.${"b".repeat(43)}`,
  `${"a".repeat(20)}.${"b".repeat(43)}\n`,
  "é.é",
]) {
  test(`${JSON.stringify(forged)} is no id`, () => assert.equal(sessions(key).isOpen("tok_a", forged), false));
}

test("the key is made once, for its owner's eyes only, and a damaged one is refused", async () => {
  const home = await mkdtemp(join(tmpdir(), "paddock-key-"));
  try {
    const path = join(home, "session.key");
    const made = await sessionKey(path);
    assert.equal(made.length, 32);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await sessionKey(path), made);
    await writeFile(path, "short");
    await assert.rejects(sessionKey(path), (error) => error instanceof PaddockError && error.code === "invalid_config");
  } finally {
    await rm(home, { recursive: true });
  }
});

test("a session goes on after the hub was started anew", async () => {
  await using before = await startSurface(runs(), { sessionKey: key });
  const session = (await before.post(opening)).headers.get("mcp-session-id") ?? "";
  await using after = await startSurface(runs(), { sessionKey: key });
  assert.equal((await after.post(ping, { "mcp-session-id": session })).status, 200);
});

test("a forged session, or another principal's, gets 404 for every verb; initialize without it works", async () => {
  await using world = await startSurface(runs());
  const session = (await world.post(opening, { authorization: "Bearer mine" })).headers.get("mcp-session-id") ?? "";
  const headers = { "mcp-session-id": session, authorization: "Bearer yours", accept: "text/event-stream" };
  const statuses = await Promise.all([
    world.post(ping, headers),
    fetch(world.url, { headers }),
    fetch(world.url, { method: "DELETE", headers }),
    world.post(ping, { "mcp-session-id": "forged" }),
    world.post(ping, { ...headers, authorization: "Bearer mine" }),
  ]);
  assert.deepEqual(
    statuses.map((response) => response.status),
    [404, 404, 404, 404, 200],
  );
});

test("1,000 sessions opened and never closed leave nothing behind, and the next call works", async () => {
  await using world = await startSurface(runs());
  const ids = new Set<string | null>();
  for (let batch = 0; batch < 50; batch += 1) {
    const opened = await Promise.all(Array.from({ length: 20 }, () => world.post(opening)));
    for (const response of opened) {
      ids.add(response.headers.get("mcp-session-id"));
      await response.body?.cancel();
    }
  }
  assert.equal(ids.size, 1000);
  assert.equal(world.openStreams(), 0);
  assert.equal((await world.post(ping)).status, 200);
});

test("a session that its client has ended is gone, others are not", async () => {
  await using world = await startSurface(runs());
  const [ended = "", other = ""] = (await Promise.all([world.post(opening), world.post(opening)])).map((response) =>
    String(response.headers.get("mcp-session-id")),
  );
  assert.equal((await fetch(world.url, { method: "DELETE", headers: { "mcp-session-id": ended } })).status, 204);
  assert.equal((await world.post(ping, { "mcp-session-id": ended })).status, 404);
  assert.equal((await world.post(ping, { "mcp-session-id": other })).status, 200);
});

test("only the last ended sessions are remembered", () => {
  const here = sessions(key);
  const ids = Array.from({ length: 4097 }, () => here.create("tok_a"));
  for (const id of ids) here.end(id);
  assert.deepEqual(
    [ids.at(0), ids.at(1), ids.at(-1)].map((id) => here.isOpen("tok_a", String(id))),
    [true, false, false],
  );
});
