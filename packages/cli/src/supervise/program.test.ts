import assert from "node:assert/strict";
import { test } from "node:test";
import { keepRunning } from "./program.ts";

const node = (script: string): [string, ...string[]] => [process.execPath, "-e", script];

test("a program that ends is started again, later each time, and ends when it is asked to", async () => {
  const stopping = new AbortController();
  const heard: string[] = [];
  const pauses: number[] = [];
  let starts = 0;
  await keepRunning(
    {
      command: node(`console.log("first"); console.error("x".repeat(10000)); process.exit(3)`),
      environment: {},
      started: () => {
        starts += 1;
      },
      heard: (line) => heard.push(line),
      ended(how, pauseMs) {
        assert.equal(how, "exit 3");
        pauses.push(pauseMs);
        if (pauses.length === 2) stopping.abort();
      },
    },
    stopping.signal,
  );
  assert.equal(starts, 2);
  assert.ok((pauses[0] ?? 0) >= 750 && (pauses[0] ?? 0) <= 1_000, String(pauses));
  assert.ok((pauses[1] ?? 0) >= 1_500 && (pauses[1] ?? 0) <= 2_000, String(pauses));
  assert.deepEqual(
    heard.filter((line) => line !== "first").map((line) => line.length <= 4_096),
    heard.filter((line) => line !== "first").map(() => true),
  );
  assert.ok(heard.includes("first"));
});

test("a program that does not end when it is asked to is killed", async () => {
  const stopping = new AbortController();
  await keepRunning(
    {
      command: node(`process.on("SIGTERM", () => {}); console.log("here"); setInterval(() => {}, 1000)`),
      environment: {},
      started: () => undefined,
      heard: () => stopping.abort(),
      ended: () => assert.fail("it was not asked to begin again"),
    },
    stopping.signal,
  );
});

test("a program that is not there is tried again with what the system says", async () => {
  const stopping = new AbortController();
  let why = "";
  await keepRunning(
    {
      command: ["/nowhere/carrier"],
      environment: {},
      started: () => undefined,
      heard: (line) => {
        why += line;
      },
      ended(how) {
        why += how;
        stopping.abort();
      },
    },
    stopping.signal,
  );
  assert.match(why, /No such file|ENOENT|exit 127/);
});
