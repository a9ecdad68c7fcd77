import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startTestHub, type TestHub } from "../hub.fixture.ts";
import { echo } from "../machines/runner.fixture.ts";
import { browserAt, consent, letIn, ownersBrowser, register, registered, send } from "./oauth.fixture.ts";

const opens = async (hub: TestHub, token: string): Promise<boolean> =>
  (await hub.http("POST", "/mcp", { token, body: "{}" })).status !== 401;

test("a client registers, the owner lets it in, and it works with what the owner chose", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: echo });
  const browser = await ownersBrowser(hub);
  const client = await registered(hub);
  assert.match(client.id, /^client-[\w-]{16}$/);
  const led = await consent(browser, client.address(), { toolset: "readonly", days: "7" });
  const answer = Object.fromEntries(led.searchParams);
  assert.deepEqual([led.origin + led.pathname, answer.state, answer.iss], [client.redirect, "some state", hub.address]);
  const { status, json } = await client.redeem(String(answer.code));
  assert.deepEqual([status, json.token_type, json.expires_in], [200, "Bearer", 3600]);
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "glob", arguments: { pattern: "*" } } };
  const body = JSON.stringify(call);
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  assert.equal((await hub.http("POST", "/mcp", { token: json.access_token, headers, body })).status, 200);
  const { principal } = await runner.next("call");
  const [{ id, name, toolset, redirectHost, expiresAt, createdAt }] = (await hub.control("GET", "/clients")).json
    .consents;
  assert.deepEqual(principal, { id, name: "Test (127.0.0.1)", surface: "mcp", toolset: "readonly", workspaces: [] });
  assert.deepEqual([name, toolset, redirectHost], ["Test (127.0.0.1)", "readonly", "127.0.0.1"]);
  assert.equal(Date.parse(expiresAt) - Date.parse(createdAt), 7 * 86_400_000);
  assert.deepEqual(
    hub
      .audit(20)
      .map(({ event }) => event)
      .filter((event) => /^(client|consent|owner)/.test(event)),
    ["owner.password_set", "owner.signed_in", "client.registered", "consent.given"],
  );
});

test("tokens outlive a restart of the hub, and none of them stands in its files", async () => {
  await using hub = await startTestHub({ port: 0 });
  const port = Number(new URL(hub.address).port);
  const { client, accessToken, refreshToken } = await letIn(hub, await ownersBrowser(hub));
  await hub.restart({ port });
  assert.equal(await opens(hub, accessToken), true);
  const renewed = await client.refresh(refreshToken);
  assert.equal(renewed.status, 200);
  assert.equal(await opens(hub, renewed.json.access_token), true);
  const kept = ["hub.sqlite3", "hub.sqlite3-wal", "audit.jsonl"]
    .map((file) => join(hub.home, "hub", file))
    .flatMap((path) => {
      try {
        return readFileSync(path, "latin1");
      } catch {
        return [];
      }
    })
    .join("");
  for (const secret of [accessToken, refreshToken, renewed.json.access_token])
    assert.equal(kept.includes(secret), false);
});

test("what a token was not issued for, it does not open", async () => {
  await using hub = await startTestHub();
  const browser = await ownersBrowser(hub);
  const { accessToken } = await letIn(hub, browser);
  assert.equal((await hub.http("GET", "/api/v1/tools", { token: accessToken })).status, 401);
  const client = await registered(hub);
  const led = await consent(browser, client.address({ resource: null, scope: "api" }));
  const { json } = await client.redeem(led.searchParams.get("code") ?? "");
  assert.equal((await hub.http("GET", "/api/v1/tools", { token: json.access_token })).status, 200);
  assert.equal(await opens(hub, json.access_token), false);
  const foreign = await browser.get(client.address({ resource: "https://other.example/mcp" }));
  assert.equal(foreign.url.searchParams.get("error"), "invalid_target");
  const bent = await client.refresh(json.refresh_token, { resource: `${hub.address}/mcp` });
  assert.deepEqual([bent.status, bent.json.error], [400, "invalid_target"]);
});

test("a code is good once, for its client, its address and its verifier", async () => {
  await using hub = await startTestHub();
  const browser = await ownersBrowser(hub);
  const client = await registered(hub);
  const other = await registered(hub);
  const code = async () => (await consent(browser, client.address())).searchParams.get("code") ?? "";
  const wrong = [
    await client.redeem(await code(), { code_verifier: other.verifier }),
    await client.redeem(await code(), { code_verifier: "" }),
    await client.redeem(await code(), { redirect_uri: `${client.redirect}/` }),
    await client.redeem(await code(), { client_id: other.id }),
    await client.redeem(`${await code()}x`),
  ];
  assert.deepEqual(
    wrong.map(({ status, json }) => [status, json.error]),
    wrong.map(() => [400, "invalid_grant"]),
  );
  const once = await code();
  const first = await client.redeem(once);
  assert.equal(first.status, 200);
  assert.equal((await client.redeem(once)).json.error, "invalid_grant");
  assert.equal(await opens(hub, first.json.access_token), false);
  assert.equal((await client.refresh(first.json.refresh_token)).json.error, "invalid_grant");
  const contested = await code();
  const both = await Promise.all([client.redeem(contested), client.redeem(contested)]);
  const tokens = both.flatMap(({ json }) => json.access_token ?? []);
  for (const token of tokens) assert.equal(await opens(hub, token), false);
});

test("a refresh token that comes a second time ends all that came of it", async () => {
  await using hub = await startTestHub();
  const { client, refreshToken } = await letIn(hub, await ownersBrowser(hub));
  const second = (await client.refresh(refreshToken)).json;
  assert.notEqual(second.refresh_token, refreshToken);
  assert.equal((await client.refresh(refreshToken)).json.error, "invalid_grant");
  assert.equal((await client.refresh(second.refresh_token)).json.error, "invalid_grant");
  assert.equal(await opens(hub, second.access_token), false);
  const [{ revokedAt }] = (await hub.control("GET", "/clients")).json.consents;
  assert.notEqual(revokedAt, null);
  assert.equal(
    hub.audit(50).some(({ event }) => event === "consent.revoked"),
    true,
  );
});

test("an answer goes nowhere but to an address of the client's, to the character", async () => {
  await using hub = await startTestHub();
  const browser = await ownersBrowser(hub);
  const web = await registered(hub, "https://client.example/callback");
  const off = [
    "https://client.example/callback/",
    "https://client.example/callback?x=1",
    "https://client.example/callbac",
    "https://client.example/Callback",
    "https://client.example:8443/callback",
    "https://client.example@evil.example/callback",
    "https://client.example.evil.example/callback",
    "http://client.example/callback",
    "https://client.example/callback#x",
    "javascript:alert(1)",
  ];
  for (const redirect_uri of off) {
    const { status, url } = await browser.get(web.address({ redirect_uri }));
    assert.deepEqual([status, url.pathname], [400, "/authorize"], redirect_uri);
  }
  const native = await registered(hub, "http://127.0.0.1/callback");
  const anyPort = await consent(browser, native.address({ redirect_uri: "http://127.0.0.1:54321/callback" }));
  assert.deepEqual([anyPort.host, anyPort.searchParams.has("code")], ["127.0.0.1:54321", true]);
  assert.equal((await browser.get(native.address({ redirect_uri: "http://127.0.0.1:1/other" }))).status, 400);
  const scheme = await registered(hub, "vscode://vendor.extension/callback");
  assert.equal((await consent(browser, scheme.address())).protocol, "vscode:");
});

test("clients that could lead an answer astray are not registered", async () => {
  await using hub = await startTestHub();
  const bad = [
    "http://client.example/callback",
    "https://localhost/callback",
    "https://user:word@client.example/callback",
    "https://client.example/callback#fragment",
    "javascript:alert(1)",
    "data:text/html,x",
    "intent://x/y",
    "https://a.example;script-src */callback",
    `https://client.example/${"x".repeat(3000)}`,
    "not an address",
  ];
  for (const redirect of bad) {
    const { status } = await register(hub, { redirect_uris: [redirect], token_endpoint_auth_method: "none" });
    assert.equal(status, 400, redirect);
  }
  const many = Array.from({ length: 17 }, (_, index) => `https://client.example/${index}`);
  assert.equal((await register(hub, { redirect_uris: many })).status, 400);
  assert.equal(
    (await register(hub, { redirect_uris: ["https://c.example/"], client_name: "x".repeat(20_000) })).status,
    400,
  );
  assert.deepEqual((await hub.control("GET", "/clients")).json.clients, []);
});

test("PKCE is wanted, by S256, and nothing but a code is given out", async () => {
  await using hub = await startTestHub();
  const browser = await ownersBrowser(hub);
  const client = await registered(hub);
  const errors = [];
  for (const changes of [
    { code_challenge: null, code_challenge_method: null },
    { code_challenge_method: "plain" },
    { code_challenge: "short" },
  ]) {
    errors.push((await browser.get(client.address(changes))).url.searchParams.get("error"));
  }
  assert.deepEqual(errors, ["invalid_request", "invalid_request", "invalid_request"]);
  const implicit = (await browser.get(client.address({ response_type: "token" }))).url;
  assert.equal(new URLSearchParams(implicit.hash.slice(1)).get("error"), "unsupported_response_type");
  const twice = `${client.address()}&resource=${encodeURIComponent(`${hub.address}/api`)}`;
  assert.equal((await browser.get(twice)).status, 400);
  assert.equal(
    (await send(hub, "/token", { grant_type: "client_credentials", client_id: client.id })).json.error,
    "unsupported_grant_type",
  );
  const unknown = await send(hub, "/token", { grant_type: "refresh_token", client_id: "nobody", refresh_token: "x" });
  assert.deepEqual([unknown.status, unknown.json.error], [401, "invalid_client"]);
});

test("nobody but the owner, signed in and on the page itself, lets a client in", async () => {
  await using hub = await startTestHub({ allowed_origins: ["https://listed.example"] });
  const stranger = browserAt(hub);
  const client = await registered(hub);
  const shown = await stranger.get(client.address());
  assert.equal(shown.url.pathname, "/sign-in");
  const uid = new URLSearchParams(shown.url.search).get("next") ?? "";
  const unasked = await stranger.post(uid, { answer: "allow", toolset: "full", days: "365", proof: "" });
  assert.equal(unasked.url.pathname, "/sign-in");
  const owner = await ownersBrowser(hub);
  assert.equal((await owner.get(uid)).status, 400, "begun in another browser");
  const page = await owner.get(client.address());
  const proof = /name="proof" value="([^"]+)"/.exec(page.text)?.[1] ?? "";
  const form = { answer: "allow", toolset: "core", days: "30", machine: "*", proof };
  const other = await owner.get(client.address());
  assert.equal((await owner.post(other.url.pathname, form)).status, 403, "the proof of another page");
  const again = await owner.get(client.address());
  const right = { ...form, proof: /name="proof" value="([^"]+)"/.exec(again.text)?.[1] ?? "" };
  for (const origin of ["https://listed.example", "https://evil.example", "null"]) {
    assert.equal((await owner.post(again.url.pathname, right, { origin })).status, 403, origin);
  }
  assert.equal((await owner.post(again.url.pathname, { ...right, days: "9999" })).status, 400);
  assert.equal((await owner.post(again.url.pathname, { ...right, toolset: "all" })).status, 400);
  assert.deepEqual((await hub.control("GET", "/clients")).json.consents, []);
  assert.equal(
    (await owner.post(again.url.pathname, { ...right, answer: "refuse" })).url.searchParams.get("error"),
    "access_denied",
  );
  assert.equal((await owner.post(again.url.pathname, right)).status, 400, "answered already");
  const token = await hub.token();
  const bearer = await hub.http("GET", "/authorize/x", { token });
  assert.equal(bearer.status, 400);
});

test("a client gets the machines that the owner ticks, and no others", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: echo });
  const browser = await ownersBrowser(hub);
  const client = await registered(hub);
  const page = await browser.get(client.address());
  const offered = [...page.text.matchAll(/name="machine" value="([^"]+)"( checked)?/g)].map(([, id, on]) => [id, !!on]);
  const [[own = ""] = []] = offered;
  assert.deepEqual(offered, [
    [own, true],
    ["*", false],
  ]);
  const proof = /name="proof" value="([^"]+)"/.exec(page.text)?.[1] ?? "";
  const form = { answer: "allow", toolset: "core", days: "30", proof };
  assert.equal((await browser.post(page.url.pathname, form)).status, 400, "none");
  assert.equal((await browser.post(page.url.pathname, { ...form, machine: "mch_other" })).status, 400, "unknown");
  const led = await browser.post(page.url.pathname, { ...form, machine: String(own) });
  const { json } = await client.redeem(led.url.searchParams.get("code") ?? "");
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "glob", arguments: { pattern: "*" } } };
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  await hub.http("POST", "/mcp", { token: json.access_token, headers, body: JSON.stringify(call) });
  assert.deepEqual((await runner.next("call")).principal.machines, [own]);
});

test("the page says who asks and where the answer goes, and nothing of it can act or be framed", async () => {
  await using hub = await startTestHub();
  const browser = await ownersBrowser(hub);
  const name = '<script>alert(1)</script>\u202e"onload="x';
  const made = await register(hub, {
    client_name: name,
    redirect_uris: ["https://client.example/cb"],
    token_endpoint_auth_method: "none",
  });
  const client = { ...(await registered(hub)), id: made.json.client_id };
  const address = new URL(client.address(), hub.address);
  address.searchParams.set("client_id", made.json.client_id);
  address.searchParams.set("redirect_uri", "https://client.example/cb");
  const { text, headers } = await browser.get(address.pathname + address.search);
  assert.equal(text.includes("&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}&quot;onload=&quot;x"), true);
  assert.equal(text.includes("<dd><strong>client.example</strong></dd>"), true);
  const policy = headers.get("content-security-policy") ?? "";
  assert.match(
    policy,
    /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'self' https:\/\/client\.example; frame-ancestors 'none'$/,
  );
  assert.deepEqual([headers.get("cache-control"), headers.get("x-frame-options")], ["no-store", "DENY"]);
  const chinese = await fetch(new URL("/sign-in", hub.address), { headers: { "accept-language": "zh-CN,zh;q=0.9" } });
  assert.match(await chinese.text(), /<html lang="zh">[\s\S]*登录/);
});
