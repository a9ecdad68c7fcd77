import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Part, type Supervisor, supervise } from "./supervisor.ts";

/** Two tiny programs in the place of hub and runner; each run writes its process id into a file. */
function superviseScripts(
  scripts: Record<Part, string>,
): Supervisor & AsyncDisposable & { lines: string[]; log: string } {
  const folder = mkdtempSync(join(tmpdir(), "paddock-supervise-"));
  const log = join(folder, "log");
  const lines: string[] = [];
  const begin = `require("node:fs").appendFileSync(process.env.LOG, process.argv[1] + " " + process.pid + "\\n");`;
  const supervisor = supervise({
    commandOf: (part) => [process.execPath, "-e", begin + scripts[part], part],
    environment: { LOG: log },
    say: (line) => lines.push(line),
  });
  supervisor.ready.catch(() => undefined);
  supervisor.ended.catch(() => undefined);
  return {
    ...supervisor,
    lines,
    log,
    async [Symbol.asyncDispose]() {
      supervisor.stop();
      supervisor.stop();
      await supervisor.ended.catch(() => undefined);
      rmSync(folder, { recursive: true });
    },
  };
}

const serves = `process.send({ type: "ready", facts: { part: process.argv[1] } }); setInterval(() => {}, 1000);`;
const links = `${serves} process.send({ type: "linked" });`;
const startsIn = (log: string, part: Part): number[] =>
  existsSync(log)
    ? readFileSync(log, "utf8")
        .split("\n")
        .filter((line) => line.startsWith(`${part} `))
        .map((line) => Number(line.split(" ")[1]))
    : [];

test("it is ready when both serve and are linked", async () => {
  await using supervisor = superviseScripts({ hub: serves, runner: links });
  assert.deepEqual(await supervisor.ready, { hub: { part: "hub" }, runner: { part: "runner" } });
  supervisor.stop();
  await supervisor.ended;
});

test("a part that ends is started again, and the other goes on", async () => {
  await using supervisor = superviseScripts({ hub: serves, runner: links });
  await supervisor.ready;
  const [first = 0] = startsIn(supervisor.log, "hub");
  process.kill(first, "SIGKILL");
  while (startsIn(supervisor.log, "hub").length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(startsIn(supervisor.log, "runner").length, 1);
  assert.deepEqual(supervisor.lines, ["The hub ended (SIGKILL) and is started again."]);
});

test("a part that keeps ending is given up, and the other is ended too", async () => {
  // Fails at once, twelve seconds of pauses in all: 0.2 + 0.4 + 0.8 + 1.6 + 3.2.
  await using supervisor = superviseScripts({ hub: "process.exit(3)", runner: links });
  await assert.rejects(supervisor.ended, {
    code: "unavailable",
    message: "The hub ended 6 times in a minute.",
    nextStep: "Look at its last messages above, and run `paddock doctor`.",
  });
  await assert.rejects(supervisor.ready, { message: "The hub ended 6 times in a minute." });
  const [runner = 0] = startsIn(supervisor.log, "runner");
  while (isAlive(runner)) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(supervisor.lines.length, 5);
});

test("a part that says why it cannot start ends the start with that", async () => {
  const refuses = `process.send({ type: "failed", code: "already_running", message: "No.", nextStep: "Stop." }, () => process.exit(6));`;
  await using supervisor = superviseScripts({ hub: refuses, runner: links });
  await assert.rejects(supervisor.ready, { code: "already_running", message: "No.", nextStep: "Stop." });
  await supervisor.ended;
  assert.equal(startsIn(supervisor.log, "hub").length, 1);
});

test("a part that does not end when asked is killed when asked again", async () => {
  const stubborn = `process.on("SIGTERM", () => {}); ${links}`;
  await using supervisor = superviseScripts({ hub: serves, runner: stubborn });
  await supervisor.ready;
  supervisor.stop();
  const [hub = 0] = startsIn(supervisor.log, "hub");
  const [runner = 0] = startsIn(supervisor.log, "runner");
  while (isAlive(hub)) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(isAlive(runner), true);
  supervisor.stop();
  await supervisor.ended;
  assert.equal(isAlive(runner), false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
