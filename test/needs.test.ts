/** A test that lacks a program says which, and one that lacks nothing runs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isInstalled, needs } from "./needs.ts";

test("a test that needs what is there is not skipped", () => {
  assert.deepEqual(needs("bash"), {});
});

test("a missing program is named with the package that brings it", (context) => {
  const path = process.env.PATH;
  context.after(() => {
    process.env.PATH = path;
  });
  process.env.PATH = "/nowhere";
  assert.deepEqual(needs("bwrap", "git"), { skip: "needs bwrap and git: apt install bubblewrap git" });
});

test("a file that cannot be executed is no program", () => {
  assert.equal(isInstalled("passwd", "/etc"), false);
});
