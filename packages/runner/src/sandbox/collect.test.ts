import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { Caged } from "./cage.ts";
import { collect } from "./collect.ts";

test("a program that cannot be ended fails its own call, not the runner", async () => {
  const stuck: Caged = {
    pid: 1,
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    exited: new Promise(() => {}),
    members: () => [],
    places: () => 0,
    destroy: () => undefined,
    stopped: null,
    kill: () => Promise.reject(new Error("It hangs in the kernel.")),
  };
  const ran = collect(stuck, { maxBytes: 1, timeoutMs: 60_000, signal: AbortSignal.abort() });
  await assert.rejects(ran, { message: "It hangs in the kernel." });
});
