import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestHub } from "../hub.fixture.ts";
import { issuerOf } from "./issuer.ts";

const wellKnown = "/.well-known/";

test("the documents name the hub by its settings, whatever a request says", async () => {
  await using hub = await startTestHub({ public_url: "https://paddock.example/" });
  const lies = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "http", forwarded: "host=evil.example" };
  const get = async (name: string) => (await hub.http("GET", `${wellKnown}${name}`, { headers: lies })).json;
  const server = await get("oauth-authorization-server");
  assert.deepEqual(await get("openid-configuration"), server);
  assert.deepEqual(
    [server.issuer, server.authorization_endpoint, server.token_endpoint, server.registration_endpoint],
    ["", "/authorize", "/token", "/register"].map((path) => `https://paddock.example${path}`),
  );
  assert.deepEqual(
    [
      server.code_challenge_methods_supported,
      server.client_id_metadata_document_supported,
      server.authorization_response_iss_parameter_supported,
    ],
    [["S256"], true, true],
  );
  const resource = await get("oauth-protected-resource/mcp");
  assert.deepEqual(await get("oauth-protected-resource"), resource);
  assert.deepEqual(
    [resource.resource, resource.authorization_servers],
    ["https://paddock.example/mcp", ["https://paddock.example"]],
  );
  assert.equal((await get("oauth-protected-resource/api")).resource, "https://paddock.example/api");
  assert.equal((await hub.http("GET", `${wellKnown}oauth-protected-resource/other`)).status, 404);
  const client = { redirect_uris: ["https://client.example/"], token_endpoint_auth_method: "none" };
  const headers = { "content-type": "application/json", ...lies };
  const made = await hub.http("POST", "/register", { headers, body: JSON.stringify(client) });
  const asked = new URLSearchParams({
    client_id: made.json.client_id,
    redirect_uri: "https://client.example/",
    response_type: "code",
    code_challenge: "x".repeat(43),
    code_challenge_method: "S256",
  });
  const cookies = [(await hub.http("GET", `/authorize?${asked}`, { headers: lies })).headers["set-cookie"]].flat();
  assert.equal(cookies.length > 0 && cookies.every((cookie) => /; secure; /i.test(`${cookie}; `)), true);
});

test("a refused call says how to sign in, and no page of others may read any of it", async () => {
  await using hub = await startTestHub({ allowed_origins: ["https://listed.example"] });
  const { headers } = await hub.http("POST", "/mcp", { token: "expired" });
  const metadata = `${hub.address}/.well-known/oauth-protected-resource/mcp`;
  assert.equal(
    headers["www-authenticate"],
    `Bearer realm="paddock", error="invalid_token", resource_metadata="${metadata}"`,
  );
  const document = `${wellKnown}oauth-authorization-server`;
  const allowed = async (more: Record<string, string>) =>
    (await hub.http("GET", document, { headers: more })).headers["access-control-allow-origin"];
  assert.equal(await allowed({}), undefined);
  assert.equal(await allowed({ origin: hub.address }), undefined);
  assert.equal(await allowed({ origin: "https://listed.example" }), "https://listed.example");
});

test("signing in is not offered over plain http to other machines, nor below a path", async () => {
  const offered = ["https://a.example", "https://a.example:8443/", "http://127.0.0.1:7420", "http://[::1]:7420"];
  const not = ["http://a.example", "http://192.168.1.5:7420", "https://a.example/paddock", "https://u:p@a.example"];
  assert.deepEqual(
    [...offered, ...not].filter((url) => issuerOf(url) !== null),
    offered,
  );
  await using hub = await startTestHub({ public_url: "http://paddock.example" });
  assert.equal((await hub.http("GET", `${wellKnown}oauth-authorization-server`)).status, 404);
  assert.equal((await hub.http("GET", "/authorize")).status, 404);
  assert.equal((await hub.http("POST", "/mcp")).headers["www-authenticate"], 'Bearer realm="paddock"');
});
