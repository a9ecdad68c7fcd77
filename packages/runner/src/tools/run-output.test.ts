import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { newId, type RunId } from "@paddock/contract";
import type { OutputOf } from "@paddock/contract/tools";
import { needs } from "../../../../test/needs.ts";
import { makeShells, type TestShells } from "./shell.fixture.ts";

const withBwrap = needs("bwrap");
/** Prints a line, and another when the file `go` is there. */
const twoLines = "echo one; until [ -e go ]; do sleep 0.05; done; echo two; exit 3";

const letGo = ({ place }: TestShells) => writeFileSync(join(place.workspace, "go"), "");

/** Asks until the command has printed something. */
async function firstOutput(at: TestShells, id: RunId): Promise<OutputOf<"process_output">> {
  for (;;) {
    const asked = at.ask("process_output", { id }).catch((error: { code?: string }) => {
      assert.equal(error.code, "run_not_found");
      return null;
    });
    const found = await asked;
    if (found?.stdout) return found;
    await wait(10);
  }
}

for (const [tool, input] of [
  ["run_command", { command: twoLines }],
  ["exec", { program: "bash", arguments: ["-c", twoLines] }],
] as const) {
  test(
    `what ${tool} prints is read while it runs, by the run's id, and the rest when it has ended`,
    withBwrap,
    async () => {
      await using at = await makeShells();
      const run = newId("run");
      const answered = at.ask(tool, input, { run });
      const { cursor, stdout, state, exit_code, id } = await firstOutput(at, run);
      assert.deepEqual([id, stdout, state, exit_code], [run, "one\n", "running", null]);
      letGo(at);
      const { stdout: all, process_id } = await answered;
      assert.equal(all, "one\ntwo\n");
      const rest = await at.ask("process_output", { id: run, cursor });
      const { cursor: _, ...shown } = rest;
      assert.deepEqual(shown, {
        ...{ id: run, state: "exited", exit_code: 3, signal: null, stdout: "two\n", stderr: "" },
        ...{ skipped: { stdout: 0, stderr: 0 }, more: false },
      });
      assert.deepEqual({ ...(await at.ask("process_output", { id: process_id, cursor })), id: run }, rest);
    },
  );
}

test(
  "a command whose output nobody read along leaves nothing behind, and a run that is not there has none",
  withBwrap,
  async () => {
    await using at = await makeShells();
    const run = newId("run");
    const { process_id } = await at.ask("run_command", { command: "echo one" }, { run });
    assert.equal(process_id, null);
    for (const id of [run, newId("run")]) {
      await assert.rejects(at.ask("process_output", { id }), { code: "run_not_found" });
    }
  },
);

test("the output of another domain's command does not exist, while it runs and after", withBwrap, async () => {
  await using at = await makeShells();
  const run = newId("run");
  const answered = at.ask("run_command", { command: twoLines }, { run });
  await firstOutput(at, run);
  const peek = () => at.ask("process_output", { id: run }, { domain: "another" });
  await assert.rejects(peek(), { code: "run_not_found" });
  letGo(at);
  await answered;
  await assert.rejects(peek(), { code: "run_not_found" });
});

test("a command that goes on in the background is read on under the id of its run", withBwrap, async () => {
  await using at = await makeShells();
  const run = newId("run");
  const input = { command: twoLines, timeout_seconds: 2, on_timeout: "promote" };
  const answered = at.ask("run_command", input, { run });
  const { cursor } = await firstOutput(at, run);
  const { process_id } = await answered;
  letGo(at);
  await at.ask("wait_process", { id: process_id, timeout_seconds: 20 });
  const { stdout, state } = await at.ask("process_output", { id: run, cursor });
  assert.deepEqual([stdout, state], ["two\n", "exited"]);
});
