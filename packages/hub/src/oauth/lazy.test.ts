import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { test } from "node:test";

/** Packages that only signing in needs. */
const loaded = new Set<string>();
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const [name] = /(?<=node_modules\/)(oidc-provider|better-auth|koa|kysely)(?=\/)/.exec(found.url) ?? [];
    if (name !== undefined) loaded.add(name);
    return found;
  },
});

test("neither library is loaded before somebody signs in", async () => {
  const { startTestHub } = await import("../hub.fixture.ts");
  await using hub = await startTestHub();
  const token = await hub.token();
  await hub.call(token, "agent_status");
  assert.equal((await hub.http("POST", "/mcp", { token: "wrong" })).status, 401);
  assert.equal((await hub.http("GET", "/.well-known/oauth-protected-resource/mcp")).status, 200);
  assert.equal((await hub.http("GET", "/approvals")).status, 303);
  assert.deepEqual([...loaded], []);
  await hub.http("GET", "/.well-known/oauth-authorization-server");
  assert.deepEqual([...loaded].toSorted(), ["koa", "oidc-provider"]);
  await hub.http("GET", "/sign-in");
  assert.equal(loaded.has("better-auth"), true);
});
