import assert from "node:assert/strict";
import { test } from "node:test";
import { makeProbeGround } from "./probe-ground.ts";

test("without room for temporary files the start ends with what to do", (context) => {
  const before = process.env.TMPDIR;
  context.after(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
  process.env.TMPDIR = "/nowhere/at/all";
  assert.throws(() => makeProbeGround("/home/owner/.paddock"), { code: "cannot_enforce", message: /nowhere.*ENOENT/ });
});
