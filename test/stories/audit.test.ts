/** What happened can be shown afterwards: both logs tell of a run, vouch for each other, and a forged one is found out. */
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { AuditRecord } from "@paddock/contract";
import { commandOf } from "../world/command.ts";
import { until } from "../world/until.ts";
import { up } from "../world/up.ts";
import { startWorld, type World } from "../world/world.ts";

type Logged = AuditRecord & { log: "hub" | "runner" };

const isHead = ({ log, event }: Logged) => log === "hub" && event === "head.received";

async function exported(world: World, ...args: string[]): Promise<Logged[]> {
  const text = await world.paddock("audit", "export", ...args);
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

/** Starts Paddock, lets the body work with it, and stops it again. */
async function whileUp(world: World, body: () => Promise<void>): Promise<void> {
  await using running = up(world, "--json");
  await until(() => running.said().includes("\n"));
  await body();
}

test("a run is in both logs under one id, and each log has the signed end of the other", async () => {
  await using world = await startWorld({ up: false, settings: { PADDOCK_SANDBOX: "none" } });
  await whileUp(world, async () => {
    await world.paddock("call", "read_text_file", "--path", "missing.txt").catch(() => undefined);
    const [begun] = (await exported(world)).filter(({ event }) => event === "call.received");
    assert.deepEqual(
      (await exported(world, "--run", begun?.run ?? "")).map(({ log, event, tool }) => [log, event, tool]),
      [
        ["hub", "call.received", "read_text_file"],
        ["runner", "call.started", "read_text_file"],
        ["runner", "call.finished", "read_text_file"],
        ["hub", "call.finished", "read_text_file"],
      ],
    );
    assert.deepEqual(await exported(world, "--principal", "tok_none"), []);
    assert.deepEqual(await exported(world, "--until", "1h"), []);
  });
  const heads = (await exported(world)).filter(({ event }) => event === "head.received");
  assert.deepEqual([...new Set(heads.map(({ log }) => log))].toSorted(), ["hub", "runner"]);
  assert.equal((await commandOf(world)(["audit", "verify"])).exitCode, 0);
});

test("a log that was cut together with its signed end is found by the other log, stays found, and can be accepted", async () => {
  await using world = await startWorld({ up: false, settings: { PADDOCK_SANDBOX: "none" } });
  const run = commandOf(world);
  await whileUp(world, async () => {
    for (let call = 0; call < 5; call += 1) await world.paddock("call", "agent_status");
    const calls = (await exported(world)).filter(({ log, event }) => log === "runner" && event === "call.finished");
    const last = calls.at(-1)?.seq ?? 0;
    await until(async () =>
      (await exported(world)).some((record) => isHead(record) && Number(record.detail?.seq) >= last),
    );
  });
  const file = join(world.home, "runner/audit.jsonl");
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  writeFileSync(file, `${lines.slice(0, 3).join("\n")}\n`);
  rmSync(join(world.home, "runner/audit.head.json"));
  const cut = await run(["audit", "verify"]);
  assert.equal(cut.exitCode, 1);
  assert.match(cut.stdout, /^runner: broken.*\n.*head_missing\n.*record 4, .*: cut_tail \(.*says the hub's log\)$/m);
  await whileUp(world, async () => {
    const damaged = () => exported(world).then((all) => all.filter(({ event }) => event === "log.damaged"));
    await until(async () => (await damaged()).some(({ detail }) => detail?.reason === "cut_tail"));
    assert.equal((await run(["audit", "verify"])).exitCode, 1);
    assert.equal((await run(["audit", "accept", "--reason", "this test"])).exitCode, 0);
    const accepted = await run(["audit", "verify"]);
    assert.equal(accepted.exitCode, 0, accepted.stdout);
    assert.match(accepted.stdout, /^runner: ok, .* faults were accepted$/m);
  });
  assert.equal((await run(["audit", "verify"])).exitCode, 0);
});
