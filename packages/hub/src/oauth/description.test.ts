import assert from "node:assert/strict";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { startTestHub } from "../hub.fixture.ts";
import { type Described, described, sendJson } from "./description.fixture.ts";
import { clientAt, consent, ownersBrowser } from "./oauth.fixture.ts";

const redirect = "https://client.example/callback";

test("a client that describes itself at its address is let in under that address", needs("openssl"), async () => {
  await using client: Described = await described((_, response) =>
    sendJson(response, {
      client_id: client.address("/client.json"),
      client_name: "Described",
      redirect_uris: [redirect],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
    }),
  );
  await using hub = await startTestHub({}, { fetchMetadata: client.fetch });
  const browser = await ownersBrowser(hub);
  const one = clientAt(hub, client.address("/client.json"), redirect);
  const page = await browser.get(one.address());
  assert.equal(page.text.includes(`<dd>${one.id}</dd>`), true);
  const led = await consent(browser, one.address());
  const { json } = await one.redeem(led.searchParams.get("code") ?? "");
  const renewed = await one.refresh(json.refresh_token);
  assert.equal(renewed.status, 200);
  assert.deepEqual(client.requests, ["/client.json"], "what was fetched is kept for a while");
  const [{ client: id, redirectHost }] = (await hub.control("GET", "/clients")).json.consents;
  assert.deepEqual([id, redirectHost], [one.id, "client.example"]);
  assert.equal((await hub.control("DELETE", `/clients/${encodeURIComponent(one.id)}`)).status, 200);
  assert.equal((await one.refresh(renewed.json.refresh_token)).json.error, "invalid_grant");
});

test("a description that is another's, too long, or has a secret makes no client", needs("openssl"), async () => {
  const descriptions: Record<string, (id: string) => object> = {
    "/other": () => ({ client_id: "https://client.example/else", redirect_uris: [redirect] }),
    "/long": (id) => ({ client_id: id, redirect_uris: [redirect], client_name: "x".repeat(20_000) }),
    "/secret": (id) => ({ client_id: id, redirect_uris: [redirect], client_secret: "s" }),
    "/shared": (id) => ({ client_id: id, redirect_uris: [redirect], token_endpoint_auth_method: "client_secret_post" }),
    "/astray": (id) => ({ client_id: id, redirect_uris: ["http://client.example/callback"] }),
    "/list": () => [],
  };
  await using client: Described = await described((request, response) =>
    sendJson(response, descriptions[request.url ?? ""]?.(client.address(request.url ?? "")) ?? "x"),
  );
  await using hub = await startTestHub({}, { fetchMetadata: client.fetch });
  const browser = await ownersBrowser(hub);
  for (const path of [...Object.keys(descriptions), "/none"]) {
    const { status, url } = await browser.get(clientAt(hub, client.address(path), redirect).address());
    assert.deepEqual([status, url.pathname], [400, "/authorize"], path);
  }
});

test("without anything in the place of the internet, an address of the inside makes no client", async () => {
  await using hub = await startTestHub();
  const browser = await ownersBrowser(hub);
  const inside = [`${hub.address.replace("http", "https")}/c`, "https://localhost/c", "https://[::ffff:127.0.0.1]/c"];
  for (const id of inside) {
    const { status, text } = await browser.get(clientAt(hub, id, redirect).address());
    assert.deepEqual([status, text.includes("invalid_client")], [400, true], id);
  }
});
