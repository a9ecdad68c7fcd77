import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { newId } from "@paddock/contract";
import { until } from "../../../../test/world/until.ts";
import { type Begun, openLedger } from "./ledger.ts";

function place() {
  const folder = mkdtempSync(join(tmpdir(), "paddock-ledger-"));
  return { path: join(folder, "ledger.sqlite3"), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

const begun = (change: Partial<Begun> = {}): Begun => ({
  run: newId("run"),
  tool: "run_command",
  principal: { id: "tok_1", name: "laptop", surface: "mcp", toolset: "core", workspaces: [] },
  workspace: "/w",
  input: { command: "true" },
  deadline: 2_000,
  via: "hub",
  state: "running",
  ...change,
});

const done = { state: "completed", ok: true, envelope: Buffer.from("{}"), content: null } as const;

test("a run begins once, whatever is sent twice", () => {
  using at = place();
  const ledger = openLedger(at.path);
  const run = begun();
  assert.deepEqual([ledger.begin(run, 1, "now"), ledger.begin(run, 2, "now")], [true, false]);
  ledger.close();
});

test("a terminal state never changes", () => {
  using at = place();
  const ledger = openLedger(at.path);
  const run = begun();
  ledger.begin(run, 1, "now");
  ledger.end(run.run, done, 2, "now");
  ledger.end(run.run, { ...done, state: "failed", ok: false }, 3, "now");
  assert.deepEqual(ledger.find(run.run)?.result, { ...done });
  ledger.close();
});

test("what was open when the runner died is found by the next one, with the input of what had not started", () => {
  using at = place();
  const first = openLedger(at.path);
  const [started, waiting, ended] = [begun(), begun({ state: "waiting_approval" }), begun()];
  for (const run of [started, waiting, ended]) first.begin(run, 1, "now");
  first.end(ended.run, done, 2, "now");
  // What is in the files at this moment is what a kill leaves.
  const left = `${at.path}-left`;
  for (const part of ["", "-wal"]) copyFileSync(`${at.path}${part}`, `${left}${part}`);
  const second = openLedger(left);
  assert.deepEqual(
    second.open().map(({ run, state, input }) => ({ run, state, input })),
    [
      { run: started.run, state: "running", input: null },
      { run: waiting.run, state: "waiting_approval", input: { command: "true" } },
    ].sort((a, b) => (a.run < b.run ? -1 : 1)),
  );
  first.close();
  second.close();
});

test("two runners never have the same ledger", () => {
  using at = place();
  const ledger = openLedger(at.path);
  assert.throws(() => openLedger(at.path, { patienceMs: 1 }), { code: "already_running" });
  ledger.close();
  openLedger(at.path).close();
});

test("a result is kept until the hub has acknowledged it; an attached client's is kept on", () => {
  using at = place();
  const ledger = openLedger(at.path);
  const [hub, attached] = [begun(), begun({ via: "attached" })];
  for (const run of [hub, attached]) {
    ledger.begin(run, 1, "now");
    ledger.end(run.run, done, 2, "now");
  }
  assert.deepEqual(
    ledger.unacknowledged("", 10).map(({ run }) => run),
    [hub.run],
  );
  ledger.acknowledge([hub.run, attached.run]);
  assert.deepEqual(ledger.unacknowledged("", 10), []);
  assert.equal(ledger.find(hub.run)?.result, null);
  assert.deepEqual(ledger.find(attached.run)?.result, { ...done });
  assert.equal(ledger.prune(3), 2);
  ledger.close();
});

test("runs that only read share a commit, which what must not be lost does not wait for", async () => {
  using at = place();
  const ledger = openLedger(at.path);
  const [reading, later, changing] = [begun(), begun(), begun()];
  const left = (): string[] => {
    const copy = `${at.path}-left`;
    for (const part of ["", "-wal"]) copyFileSync(`${at.path}${part}`, `${copy}${part}`);
    const found = openLedger(copy);
    const runs = [reading, later, changing].filter(({ run }) => found.find(run)).map(({ run }) => run);
    found.close();
    for (const part of ["", "-wal"]) rmSync(`${copy}${part}`, { force: true });
    return runs;
  };
  ledger.begin(reading, 1, "soon");
  ledger.begin(changing, 1, "now");
  assert.deepEqual(left(), [reading.run, changing.run]);
  ledger.begin(later, 1, "soon");
  ledger.end(later.run, done, 2, "soon");
  assert.deepEqual(ledger.find(later.run)?.result, { ...done });
  await until(() => left().length === 3);
  ledger.close();
});

test("results of attached clients have so much room, the hub's own are kept until it has them", () => {
  using at = place();
  const ledger = openLedger(at.path, { maxResultBytes: 10_000 });
  const envelope = Buffer.alloc(1_000);
  const ended = (via: Begun["via"]) =>
    Array.from({ length: 20 }, (_, at) => {
      const run = begun({ via });
      ledger.begin(run, 1, "now");
      ledger.end(run.run, { ...done, envelope }, at, "now");
      return run.run;
    });
  const [hub, attached] = [ended("hub"), ended("attached")];
  const kept = (runs: readonly Begun["run"][]) => runs.filter((run) => ledger.find(run)?.result !== null);
  assert.deepEqual(kept(hub), hub);
  assert.ok(kept(attached).length >= 9 && kept(attached).length <= 10, String(kept(attached).length));
  assert.deepEqual(kept(attached), attached.slice(-kept(attached).length));
  ledger.close();
});
