import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { placesOf } from "../home.ts";
import { run as disable } from "./bridge-disable.ts";
import { run as enable } from "./bridge-enable.ts";
import { run as takeOver } from "./bridge-import.ts";
import { bridgeFile, run as list } from "./bridge-list.ts";
import { run as remove } from "./bridge-remove.ts";

const secret = "tok-1234567";

function fresh() {
  const base = mkdtempSync(join(tmpdir(), "paddock-cli-bridge-"));
  const environment = { HOME: join(base, "home"), PADDOCK_HOME: join(base, "state") };
  mkdirSync(join(base, "home", ".cursor"), { recursive: true });
  const servers = {
    notes: { command: "notes", env: { TOKEN: secret } },
    old: { type: "sse", url: "https://example.org" },
  };
  writeFileSync(join(base, "home", ".cursor", "mcp.json"), JSON.stringify({ mcpServers: servers }));
  const places = placesOf(environment);
  return {
    places,
    at: (args: string[], options = {}) => ({ places, environment, args, options }),
    [Symbol.dispose]: () => rmSync(base, { recursive: true }),
  };
}

test("servers are taken over switched off, enabled, disabled and removed, and no value of theirs is shown", async () => {
  using world = fresh();
  const taken = await takeOver(world.at(["cursor"]));
  assert.match(taken.text, /^added {4}notes, switched off\nskipped {2}old: It uses the older SSE transport/);
  const row = { id: "notes", enabled: false, transport: "stdio", expose: "meta_only", shared: false, reaches: "notes" };
  assert.deepEqual((await list(world.at([]))).json, { servers: [row] });
  const enabled = await enable(world.at(["notes"], { expose: "all" }));
  assert.deepEqual(enabled.json, { servers: [{ ...row, enabled: true, expose: "all" }] });
  assert.deepEqual((await disable(world.at(["notes"]))).json, { servers: [{ ...row, expose: "all" }] });
  assert.equal(
    [taken, enabled].some((shown) => JSON.stringify(shown).includes(secret)),
    false,
  );
  assert.equal(statSync(bridgeFile(world.places)).mode & 0o777, 0o600);
  assert.deepEqual((await remove(world.at(["notes"]))).json, { servers: [] });
});

test("taking over again keeps what is there", async () => {
  using world = fresh();
  await takeOver(world.at(["cursor"]));
  await enable(world.at(["notes"]));
  assert.match((await takeOver(world.at(["cursor"]))).text, /^kept {5}notes/);
  assert.match((await list(world.at([]))).text, /notes\s+on/);
});

test("unknown programs, servers and exposure levels are refused", async () => {
  using world = fresh();
  await takeOver(world.at(["cursor"]));
  await assert.rejects(takeOver(world.at(["emacs"])), { code: "invalid_input" });
  await assert.rejects(enable(world.at(["nothing"])), { code: "server_not_found" });
  await assert.rejects(enable(world.at(["notes"], { expose: "some" })), { code: "invalid_config" });
});
