import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { newId } from "@paddock/contract";
import { openDatabase } from "../database/database.ts";
import { startTestHub, type TestHub } from "../hub.fixture.ts";
import { openClients } from "./clients.ts";
import { clientAt, consent, letIn, ownersBrowser, register, registered, send } from "./oauth.fixture.ts";
import { openOauthStore } from "./store.ts";

const redirect = "https://client.example/callback";
const opens = async (hub: TestHub, token: string): Promise<boolean> =>
  (await hub.http("POST", "/mcp", { token, body: "{}" })).status !== 401;

test("a client that the owner adds signs in with its secret, which is kept as a hash only", async () => {
  await using hub = await startTestHub();
  const browser = await ownersBrowser(hub);
  const added = await hub.control("POST", "/clients", { name: "My service", redirects: [redirect], secret: "post" });
  const { id, secret } = added.json;
  assert.deepEqual([added.status, added.json.origin, typeof secret], [201, "added", "string"]);
  const client = clientAt(hub, id, redirect);
  const code = async () => (await consent(browser, client.address())).searchParams.get("code") ?? "";
  const wrong = [
    await client.redeem(await code()),
    await client.redeem(await code(), { client_secret: `${secret}x` }),
    await client.redeem(await code(), { client_secret: "" }),
  ];
  assert.deepEqual(
    wrong.map(({ json }) => json.error),
    ["invalid_client", "invalid_client", "invalid_client"],
  );
  const right = await client.redeem(await code(), { client_secret: secret });
  assert.equal(right.status, 200);
  const listed = await hub.control("GET", "/clients");
  assert.equal(listed.text.includes(secret), false);
  assert.equal(readFileSync(join(hub.home, "hub", "hub.sqlite3-wal"), "latin1").includes(secret), false);
});

test("what would lead an answer astray is not added either", async () => {
  await using hub = await startTestHub();
  const bad = ["http://client.example/", "https://localhost/", "javascript:alert(1)", "https://c.example/#x", "word"];
  for (const one of bad) {
    const { status, json } = await hub.control("POST", "/clients", { name: "n", redirects: [one] });
    assert.deepEqual([status, json.error.code], [400, "invalid_input"], one);
  }
  assert.equal((await hub.control("POST", "/clients", { name: "n", redirects: [] })).status, 400);
  assert.equal(
    (await hub.control("POST", "/clients", { name: "n", redirects: [redirect], secret: "both" })).status,
    400,
  );
});

test("the owner ends one consent or all of a client's, and the client itself", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial();
  const browser = await ownersBrowser(hub);
  const one = await letIn(hub, browser);
  const led = await consent(browser, one.client.address());
  const again = (await one.client.redeem(led.searchParams.get("code") ?? "")).json;
  const consents = (await hub.control("GET", "/clients")).json.consents;
  await hub.control("DELETE", `/clients/${encodeURIComponent(consents[0].id)}`);
  assert.deepEqual([await opens(hub, one.accessToken), await opens(hub, again.access_token)], [false, true]);
  assert.equal((await runner.next("end")).principal, consents[0].id);
  const ended = await hub.control("DELETE", `/clients/${encodeURIComponent(one.client.id)}`);
  assert.deepEqual([ended.json.removed, await opens(hub, again.access_token)], [true, false]);
  assert.equal((await one.client.refresh(again.refresh_token)).json.error, "invalid_client");
  assert.equal((await hub.control("DELETE", `/clients/${encodeURIComponent("nobody")}`)).status, 404);
});

test("clients and the account are not spoken of over the network, whoever asks", async () => {
  await using hub = await startTestHub();
  const token = await hub.token({ toolset: "full" });
  const { accessToken } = await letIn(hub, await ownersBrowser(hub));
  for (const held of [token, accessToken, undefined]) {
    for (const [method, path] of [
      ["GET", "/clients"],
      ["POST", "/clients"],
      ["DELETE", "/clients/x"],
      ["POST", "/owner"],
    ] as const) {
      assert.equal((await hub.http(method, path, held === undefined ? {} : { token: held })).status, 404);
    }
  }
});

test("a client gives its tokens back, and nobody else's", async () => {
  await using hub = await startTestHub();
  const { client, accessToken, refreshToken } = await letIn(hub, await ownersBrowser(hub));
  const other = await registered(hub);
  await send(hub, "/revoke", { client_id: other.id, token: refreshToken });
  assert.equal(await opens(hub, accessToken), true);
  assert.equal((await send(hub, "/revoke", { client_id: client.id, token: refreshToken })).status, 200);
  assert.equal(await opens(hub, accessToken), false);
  assert.equal((await client.refresh(refreshToken)).json.error, "invalid_grant");
});

test("clients that register without end are refused after a while", async () => {
  await using hub = await startTestHub();
  const answers: number[] = [];
  for (let count = 0; count < 125; count += 1)
    answers.push((await register(hub, { redirect_uris: [redirect] })).status);
  assert.deepEqual(answers.slice(0, 120), Array(120).fill(201));
  assert.equal(answers.at(-1), 429);
});

test("there is room for so many that registered; those that nobody let in go first", () => {
  const store = openOauthStore(openDatabase(":memory:"));
  const clients = openClients(store.clients, { write() {}, mustBeWritable() {} });
  const add = (id: string, now: number) => clients.register({ client_id: id, redirect_uris: [redirect] }, now);
  for (let count = 0; count < 1_000; count += 1) add(`client-${count}`, 0);
  store.consents.insert({
    id: newId("cns"),
    client: "client-7",
    name: "n",
    redirect_host: "client.example",
    toolset: "core",
    workspaces: [],
    machines: [],
    created_at: 0,
    expires_at: 1e12,
    last_used_at: null,
    revoked_at: null,
  });
  assert.throws(() => add("one-more", 60_000), { code: "rate_limited" });
  add("one-more", 11 * 60_000);
  assert.deepEqual(
    clients.list().map(({ id }) => id),
    ["client-7", "one-more"],
  );
});
