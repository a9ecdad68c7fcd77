/**
 * A minute of the soak: machines behind bad lines, with everything killed and cut off in turn, and each call happens at most
 * once and is told truly. `npm run soak` goes on for ten.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { needs } from "../needs.ts";
import { runSoak } from "../soak/soak.ts";

test("a call through broken networks and killed processes happens once, and nothing else is told of it", {
  ...needs("bwrap", "caddy", "ip", "iptables", "nginx", "openssl", "unshare"),
  timeout: 300_000,
}, async () => {
  const { wrong, calls, told, troubles, starts } = await runSoak({ seconds: 60, seed: 1 });
  assert.deepEqual(wrong, []);
  // Enough has happened for that to mean something.
  assert.ok(calls > 100, JSON.stringify({ calls, told }));
  assert.ok((told.done ?? 0) > calls / 2, JSON.stringify(told));
  assert.ok(starts.hub > 1 && Object.keys(troubles).length > 4, JSON.stringify({ starts, troubles }));
});
