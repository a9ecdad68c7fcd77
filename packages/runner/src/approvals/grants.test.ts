import assert from "node:assert/strict";
import { test } from "node:test";
import type { Assurance, Request, Wants } from "@paddock/policy";
import { openGrants } from "./grants.ts";

const requestOf = (wants: Wants, change: Partial<Request> = {}): Request => ({
  tool: "mcp_call",
  effect: "reaches",
  profile: "workspace",
  principal: "tok_1",
  caller: "laptop",
  surface: "mcp",
  machine: "here",
  workspace: "/work",
  wants,
  ...change,
});

const seen = (key: string, wants: Wants = {}, change: Partial<Request> = {}, assurance: Assurance = "device") => ({
  key,
  decision: { assurance },
  request: requestOf(wants, change),
});

function clocks() {
  const time = { wall: 1_000_000, steady: 0 };
  return { time, grants: openGrants({ wall: () => time.wall, steady: () => time.steady }) };
}

test("a grant covers the very same request and no other", () => {
  const { grants } = clocks();
  grants.add(seen("a"), 15, "request");
  assert.deepEqual([grants.covers(seen("a")), grants.covers(seen("b"))], [true, false]);
});

test("a grant for a server covers all its tools, for the same caller, place and profile", () => {
  const { grants } = clocks();
  const server = { server: "github" };
  grants.add(seen("a", server), 15, "server");
  const others = [
    seen("b", server),
    seen("b", { server: "other" }),
    seen("b", {}),
    seen("b", server, { principal: "tok_2" }),
    seen("b", server, { workspace: "/other" }),
    seen("b", server, { profile: "open" }),
  ];
  assert.deepEqual(others.map(grants.covers), [true, false, false, false, false, false]);
  assert.deepEqual(grants.list()[0]?.covers, { server: "github" });
});

test("a grant is over when its time is, by whichever clock says so first", () => {
  const { grants, time } = clocks();
  grants.add(seen("a"), 15, "request");
  time.wall -= 3_600_000;
  time.steady += 15 * 60_000;
  assert.equal(grants.covers(seen("a")), false);
  grants.add(seen("b"), 15, "request");
  time.wall += 15 * 60_000;
  assert.deepEqual([grants.covers(seen("b")), grants.list()], [false, []]);
});

test("a grant that is taken back, or whose caller is, covers nothing any more", () => {
  const { grants } = clocks();
  const { id } = grants.add(seen("a"), 15, "request");
  grants.revoke(id);
  assert.equal(grants.covers(seen("a")), false);
  assert.throws(() => grants.revoke(id), { code: "not_found" });
  grants.add(seen("a"), 15, "request");
  grants.end("tok_2");
  assert.equal(grants.covers(seen("a")), true);
  grants.end("tok_1");
  assert.equal(grants.covers(seen("a")), false);
});

test("a grant does not cover a call that wants a stronger answer, nor one whose caller wants its owner asked", () => {
  const { grants } = clocks();
  const server = { server: "github" };
  grants.add(seen("a", server), 15, "server");
  const others = (["hub", "device", "local"] as const).map((assurance) => seen("b", server, {}, assurance));
  assert.deepEqual(others.map(grants.covers), [true, true, false]);
  grants.add(seen("c", { confirm: true }), 15, "request");
  assert.equal(grants.covers(seen("c", { confirm: true })), false);
});
