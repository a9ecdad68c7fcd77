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

test("consents that ended long ago are forgotten with what was issued for them, and what is in force never", () => {
  const { consents, store, issue, id } = world();
  const give = (created_at: number, expires_at: number) => {
    const one = newId("cns");
    const client = { client: "c", name: "Test", redirect_host: "client.example" };
    consents.give({ id: one, ...client, toolset: "core", workspaces: [], machines: [], created_at, expires_at });
    return one;
  };
  const [expired, revoked, recent] = [give(0, hour), give(0, 50 * hour), give(0, 4 * hour)];
  issue("of the expired", 60 * hour, expired);
  consents.revoke(revoked, 2 * hour, "because");
  assert.deepEqual(
    [consents.forget(3 * hour, 1), consents.forget(3 * hour, 1), consents.forget(3 * hour, 1)],
    [1, 1, 0],
  );
  assert.deepEqual(
    consents
      .list()
      .map((one) => one.id)
      .toSorted(),
    [id, recent].toSorted(),
  );
  assert.deepEqual(
    [store.issued.find("AccessToken", hashOf("of the expired")), consents.find(id, 9 * hour)?.id],
    [null, id],
  );
  assert.equal(store.issued.find("AccessToken", hashOf("token")), null, "it ended by itself, long ago");
});
