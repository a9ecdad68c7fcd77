import assert from "node:assert/strict";
import { test } from "node:test";
import { type AuditEntry, newId } from "@paddock/contract";
import { openDatabase } from "../database/database.ts";
import { hashOf, openConsents } from "./consents.ts";
import { openOauthStore } from "./store.ts";

const hour = 3_600_000;

/** A consent of ten hours, and an access token of one, at the beginning of time. */
function world() {
  const records: AuditEntry[] = [];
  const ended: string[] = [];
  const store = openOauthStore(openDatabase(":memory:"));
  const consents = openConsents({
    store,
    audit: { write: (entry) => void records.push(entry), mustBeWritable() {} },
    onEnd: (principal) => void ended.push(principal),
    audienceOf: (surface) => (surface === "mcp" ? "https://hub.example/mcp" : null),
  });
  const id = newId("cns");
  consents.give({
    id,
    client: "c",
    name: "Test (client.example)",
    redirect_host: "client.example",
    toolset: "core",
    workspaces: [],
    machines: ["m"],
    created_at: 0,
    expires_at: 10 * hour,
  });
  const issue = (token: string, expires_at: number, consent: string = id) =>
    store.issued.put({
      kind: "AccessToken",
      id: hashOf(token),
      consent,
      payload: { aud: "https://hub.example/mcp" },
      expires_at,
    });
  issue("token", hour);
  return { consents, store, issue, id, ended, records };
}

test("a token stands for its consent until either ends", () => {
  const { consents, issue, id } = world();
  const principal = consents.principal("token", "mcp", 1);
  const name = "Test (client.example)";
  assert.deepEqual(principal, { id, name, surface: "mcp", toolset: "core", workspaces: [], machines: ["m"] });
  assert.equal(consents.principal("token", "mcp", 2), principal);
  assert.equal(consents.principal("token", "mcp", hour), null);
  issue("late", 20 * hour);
  assert.notEqual(consents.principal("late", "mcp", 10 * hour - 1), null);
  assert.equal(consents.principal("late", "mcp", 10 * hour), null);
  assert.equal(consents.principal("other", "mcp", 1), null);
  assert.equal(consents.principal(hashOf("token"), "mcp", 1), null);
});

test("a token is good on the surface it was issued for, and for calls alone", () => {
  const { consents } = world();
  assert.equal(consents.principal("token", "rest", 1), null);
  assert.throws(() => consents.principal("token", "mcp", 1, "metrics"), { code: "forbidden" });
});

test("a revoked consent is over at once, once, with all that was issued for it", () => {
  const { consents, store, id, ended, records } = world();
  assert.notEqual(consents.principal("token", "mcp", 1), null);
  consents.revoke(id, 5, "because");
  consents.revoke(id, 6, "again");
  assert.deepEqual([consents.principal("token", "mcp", 7), consents.find(id, 7)], [null, null]);
  assert.equal(store.issued.find("AccessToken", hashOf("token")), null);
  assert.deepEqual([ended, records.map(({ event }) => event)], [[id], ["consent.given", "consent.revoked"]]);
  assert.throws(() => consents.revoke("cns_x", 1, "x"), { code: "not_found" });
});
