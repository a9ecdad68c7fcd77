import assert from "node:assert/strict";
import { hash, randomBytes } from "node:crypto";
import { test } from "node:test";
import type { AuditEntry, Principal, ToolsetName } from "@paddock/contract";
import { tools } from "@paddock/contract/tools";
import { openDatabase } from "../database/database.ts";
import { openAccess } from "./access.ts";
import { openTokenStore } from "./store.ts";
import { openTokens, tokenWish } from "./tokens.ts";
import { mayCall, narrow, toolsFor } from "./toolsets.ts";

function world(failuresPerMinute = 3) {
  const records: AuditEntry[] = [];
  const audit = { write: (entry: AuditEntry) => void records.push(entry), mustBeWritable() {} };
  const database = openDatabase(":memory:");
  const tokens = openTokens(openTokenStore(database), audit, () => {});
  const access = openAccess({ credentials: [tokens], isOver: () => false, audit, failuresPerMinute });
  const make = (wish: object = {}, now = Date.now()) => tokens.create(tokenWish.parse({ name: "t", ...wish }), now);
  const enter = (token: string, remote = "192.0.2.1") => access.authenticate(`Bearer ${token}`, remote, "rest");
  return { records, database, tokens, access, make, enter };
}

const principal = (toolset: ToolsetName, changes: Partial<Principal> = {}): Principal => ({
  id: "tok",
  name: "t",
  surface: "mcp",
  toolset,
  workspaces: [],
  ...changes,
});
const alone = { bridged: false, machines: 1 };
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);

test("a token stands for its principal until it is revoked, at once", () => {
  const { make, enter, tokens } = world();
  const { token, id } = make({ name: "laptop", toolset: "readonly", workspaces: ["/srv/app"] });
  assert.match(token, /^pad_[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(enter(token), {
    id,
    name: "laptop",
    surface: "rest",
    toolset: "readonly",
    workspaces: ["/srv/app"],
  });
  tokens.revoke(id, Date.now());
  assert.throws(() => enter(token), { code: "unauthorized" });
});

test("a token expires after 90 days unless it says otherwise", () => {
  const { make, enter, tokens } = world();
  const { createdAt, expiresAt } = make();
  assert.equal(Date.parse(expiresAt) - Date.parse(createdAt), 90 * 86_400_000);
  const short = make({ expiresInDays: 1 }, Date.now() - 86_400_001);
  assert.throws(() => enter(short.token), { code: "unauthorized" });
  assert.throws(() => tokens.revoke("tok_x", 0), { code: "not_found" });
});

test("tokens that ended long ago are forgotten, a few at a time, and what is in force never", () => {
  const { make, enter, tokens } = world();
  const day = 86_400_000;
  const now = Date.now();
  const [kept, late] = [make(), make()];
  for (let count = 0; count < 3; count += 1) make({ expiresInDays: 1 }, now - 10 * day);
  const revoked = make({}, now - 10 * day);
  tokens.revoke(revoked.id, now - 8 * day);
  tokens.revoke(late.id, now - day);
  assert.deepEqual([tokens.forget(now - 7 * day, 3), tokens.forget(now - 7 * day, 3)], [3, 1]);
  assert.deepEqual(
    tokens
      .list()
      .map(({ id }) => id)
      .toSorted(),
    [kept.id, late.id].toSorted(),
  );
  assert.equal(enter(kept.token).id, kept.id);
  for (const { token } of [late, revoked]) assert.throws(() => enter(token), { code: "unauthorized" });
  assert.throws(() => tokens.revoke(revoked.id, now), { code: "not_found" });
});

test("the token itself is nowhere in the database, the list or the audit log", () => {
  const { make, enter, tokens, database, records } = world();
  const { token } = make();
  enter(token);
  const kept = JSON.stringify([tokens.list(), records, database.prepare("SELECT * FROM tokens").all()]);
  assert.equal(kept.includes(token.slice(4)), false);
  assert.equal(tokens.list()[0]?.lastUsedAt === null, false);
});

test("a token that could be guessed is refused, a random one taken", () => {
  const { make, enter } = world();
  const weak = [
    "short",
    "a".repeat(64),
    "password".repeat(8),
    "0123456789".repeat(4),
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "correct-horse-battery-staple-horse-horse",
    `${"x1".repeat(20)} `,
    `${randomBytes(32).toString("hex")}\u00e9`,
  ];
  for (const token of weak) assert.throws(() => make({ token }), { code: "weak_token" }, token);
  const own = hash("sha256", "chosen once, so that the test is the same every time");
  assert.equal(make({ token: own }).token, own);
  assert.equal(enter(own).name, "t");
  assert.throws(() => make({ token: own }), { code: "weak_token" });
});

test("no credential, another scheme and a broken header are refused; only wrong credentials count", () => {
  const { access, records } = world();
  for (let times = 0; times < 10; times += 1) {
    assert.throws(() => access.authenticate(undefined, "192.0.2.1", "mcp"), { code: "unauthorized" });
  }
  assert.deepEqual([access.failures, records], [0, []]);
  for (const header of ["Basic YTpi", "Bearer", "Bearer a b"]) {
    assert.throws(() => access.authenticate(header, "192.0.2.1", "mcp"), { code: "unauthorized" });
  }
  assert.deepEqual(records[0], { event: "credential.failed", surface: "mcp", detail: { remote: "192.0.2.1" } });
});

test("after too many wrong credentials an address waits, another does not, and a valid token always passes", () => {
  const { enter, make } = world(3);
  const { token } = make();
  for (let times = 0; times < 3; times += 1) assert.throws(() => enter("wrong"), { code: "unauthorized" });
  assert.throws(() => enter("wrong"), { code: "rate_limited" });
  assert.throws(() => enter("wrong", "::ffff:192.0.2.1"), { code: "rate_limited" });
  assert.throws(() => enter("wrong", "192.0.2.2"), { code: "unauthorized" });
  assert.equal(enter(token).name, "t");
  for (const host of ["1", "2", "3"]) {
    assert.throws(() => enter("wrong", `2001:db8:0:1::${host}`), { code: "unauthorized" });
  }
  assert.throws(() => enter("wrong", "2001:db8::1:ffff:0:0:4"), { code: "rate_limited" });
  assert.throws(() => enter("wrong", "2001:db8:0:2::1"), { code: "unauthorized" });
});

test("a wish for more than the token has is on record", () => {
  const { access, records } = world();
  assert.throws(() => access.narrow(principal("core"), { toolset: "full" }), { code: "forbidden" });
  const refused = { event: "call.refused", principal: "tok", surface: "mcp", code: "forbidden" };
  assert.deepEqual(records, [{ ...refused, input: { toolset: "full" } }]);
});

test("readonly is an authority: nothing that changes anything can be called with it", () => {
  for (const tool of Object.values(tools)) {
    const call = () => mayCall(principal("readonly"), tool.name).name;
    if (tool.effect === "reads") assert.equal(call(), tool.name);
    else assert.throws(call, { code: "readonly" }, tool.name);
  }
});

test("a toolset is a ceiling: what is not listed for it cannot be called by name either", () => {
  const joins = ["list_machines", "mcp_tools", "mcp_call"];
  const core = names(toolsFor(principal("core"), alone));
  for (const tool of Object.values(tools)) {
    const call = () => mayCall(principal("core"), tool.name).name;
    if (core.includes(tool.name) || joins.includes(tool.name)) assert.equal(call(), tool.name);
    else assert.throws(call, { code: "forbidden" }, tool.name);
  }
  assert.throws(() => mayCall(principal("full"), "toString"), { code: "unknown_tool" });
});

test("list_machines joins core with a second machine, the bridge's tools with a bridged server", () => {
  const core = names(toolsFor(principal("core"), alone));
  const more = names(toolsFor(principal("core"), { bridged: true, machines: 2 }));
  assert.deepEqual(
    more.filter((name) => !core.includes(name)).sort(),
    names(Object.values(tools))
      .filter((name) => ["list_machines", "mcp_tools", "mcp_call"].includes(name))
      .sort(),
  );
});

test("the address narrows a token and never widens it", () => {
  const full = principal("full");
  assert.equal(narrow(full, {}), full);
  assert.equal(narrow(full, { toolset: "readonly" }).toolset, "readonly");
  assert.deepEqual(narrow(full, { workspace: "/a" }).workspaces, ["/a"]);
  const bound = principal("core", { workspaces: ["/a", "/b"] });
  assert.deepEqual(narrow(bound, { workspace: "/b" }).workspaces, ["/b"]);
  assert.throws(() => narrow(bound, { workspace: "/c" }), { code: "forbidden" });
  assert.throws(() => narrow(bound, { workspace: "../b" }), { code: "invalid_input" });
  assert.throws(() => narrow(bound, { toolset: "full" }), { code: "forbidden" });
  assert.throws(() => narrow(bound, { toolset: "readonly" }), { code: "forbidden" });
  assert.throws(() => narrow(principal("readonly"), { toolset: "core" }), { code: "forbidden" });
  assert.throws(() => narrow(full, { toolset: "all" }), { code: "invalid_input" });
});
