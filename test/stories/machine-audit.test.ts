/** The audit logs of a hub and its machines keep watch on each other: what was cut off or edited in one is found by what others keep. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commandOf } from "../world/command.ts";
import { type Part, startHub, startMachine } from "../world/machine.ts";
import { freePort, until } from "../world/until.ts";
import { startWorld } from "../world/world.ts";

interface Place extends Pick<Part, "home" | "environment" | "workspace"> {
  paddock: Part["paddock"];
}

/** Each look is a start of the command line, which takes long where the processor is short. */
const patienceMs = 90_000;
const plain = { PADDOCK_SANDBOX: "none" };

/** The exit code, and what is wrong: `runner cut_tail`. */
async function verified(place: Place, ...options: string[]): Promise<[number | null, ...string[]]> {
  const { exitCode, stdout } = await commandOf(place)(["audit", "verify", ...options, "--json"]);
  const said = JSON.parse(stdout);
  const faults = (["runner", "hub"] as const).flatMap((log) =>
    (said[log]?.faults ?? []).map(({ reason, says }: { reason: string; says?: string }) =>
      reason === "damaged" ? `${log} damaged ${says}` : `${log} ${reason}`,
    ),
  );
  return [exitCode, ...new Set<string>(faults)];
}

const machinesOf = async (hub: Place): Promise<{ id: string; name: string; online: boolean }[]> =>
  JSON.parse(await hub.paddock("machine", "list", "--json"));

const allOnline = (hub: Place, count: number) =>
  until(async () => (await machinesOf(hub)).filter(({ online }) => online).length === count, patienceMs);

const callOn = (hub: Place, machine: string) => hub.paddock("call", "agent_status", "--machine", machine, "--json");

const keptOf = (place: Place, part: "hub" | "runner", machine: string): string =>
  join(place.home, part, `audit.other.${machine}.json`);

/** The number of the record up to which a log is known there. */
const knownTo = (file: string): number => {
  try {
    return JSON.parse(readFileSync(file, "utf8")).seq;
  } catch {
    return 0;
  }
};

const lastOf = (place: Place, part: "hub" | "runner"): number =>
  readFileSync(join(place.home, part, "audit.jsonl"), "utf8")
    .trimEnd()
    .split("\n").length;

/** Takes the files of a log, signed end and key included; returns how to put them back. */
function snapshot(place: Place, part: "hub" | "runner"): () => void {
  const [from, aside] = [join(place.home, part), join(place.home, `${part}-aside`)];
  const own = (name: string) => name.startsWith("audit.") && !name.startsWith("audit.other");
  mkdirSync(aside);
  const files = readdirSync(from).filter(own);
  for (const name of files) cpSync(join(from, name), join(aside, name));
  return () => {
    for (const name of readdirSync(from).filter(own)) rmSync(join(from, name));
    for (const name of files) cpSync(join(aside, name), join(from, name));
  };
}

test("a hub with a machine of its own and another one: each log is compared with its own counterpart only", async () => {
  await using world = await startWorld({ settings: plain });
  const { code } = JSON.parse(await world.paddock("machine", "invite", "--name", "far", "--json"));
  await using far = await startMachine(world.address, code, plain);
  await allOnline(world, 2);
  const machines = await machinesOf(world);
  for (const { name } of machines) await callOn(world, name);
  const id = machines.find(({ name }) => name === "far")?.id ?? "";
  await until(() => knownTo(keptOf(world, "hub", id)) > 0 && knownTo(keptOf(far, "runner", id)) > 0, patienceMs);
  assert.deepEqual([await verified(world), await verified(far)], [[0], [0]]);
});

test("a machine whose log was set back, its signed end too, is found out by what the hub keeps; no other is blamed", async () => {
  await using hub = await startHub({ PADDOCK_PORT: String(await freePort()) });
  await using alpha = await startMachine(hub.address, await hub.invite("--name", "alpha"), plain);
  await using beta = await startMachine(hub.address, await hub.invite("--name", "beta"), plain);
  await allOnline(hub, 2);
  const id = (await machinesOf(hub)).find(({ name }) => name === "beta")?.id ?? "";
  let setBack = () => {};
  await beta.restart("SIGTERM", () => {
    setBack = snapshot(beta, "runner");
  });
  await allOnline(hub, 2);
  for (let calls = 0; calls < 3; calls += 1) await callOn(hub, "beta");
  const last = lastOf(beta, "runner");
  await until(() => knownTo(keptOf(hub, "hub", id)) >= last, patienceMs);

  await beta.restart("SIGTERM", async () => {
    setBack();
    assert.deepEqual(await verified(beta), [0]);
    assert.deepEqual(await verified(beta, "--witness", keptOf(hub, "hub", id)), [1, "runner cut_tail"]);
  });
  await until(async () => (await verified(beta)).includes("runner damaged cut_tail"), patienceMs);
  // The hub has it on record that what it heard was older.
  await until(async () => (await verified(hub)).includes("hub head_refused"), patienceMs);
  assert.deepEqual(await verified(alpha), [0]);

  const file = join(alpha.home, "runner", "audit.jsonl");
  await alpha.restart("SIGKILL", async () => {
    writeFileSync(file, readFileSync(file, "utf8").replace('"event":"service.started"', '"event":"service.stopped"'));
    const [exitCode, ...faults] = await verified(alpha);
    assert.deepEqual([exitCode, faults.includes("runner changed")], [1, true]);
  });
});

test("a hub whose log was set back is found out by what any of its machines keeps", async () => {
  await using hub = await startHub({ PADDOCK_PORT: String(await freePort()) });
  await using alpha = await startMachine(hub.address, await hub.invite("--name", "alpha"), plain);
  await using beta = await startMachine(hub.address, await hub.invite("--name", "beta"), plain);
  await allOnline(hub, 2);
  const id = (await machinesOf(hub)).find(({ name }) => name === "beta")?.id ?? "";
  let setBack = () => {};
  await hub.restart("SIGTERM", () => {
    setBack = snapshot(hub, "hub");
  });
  await allOnline(hub, 2);
  await callOn(hub, "alpha");
  const last = lastOf(hub, "hub");
  await until(() => knownTo(keptOf(beta, "runner", id)) >= last, patienceMs);

  await hub.restart("SIGTERM", async () => {
    setBack();
    assert.deepEqual(await verified(hub), [0]);
    assert.deepEqual(await verified(hub, "--witness", keptOf(beta, "runner", id)), [1, "hub cut_tail"]);
    const foreign = await commandOf(alpha)(["audit", "verify", "--witness", keptOf(beta, "runner", id), "--json"]);
    assert.equal(JSON.parse(foreign.stdout).error.code, "invalid_input");
  });
  await allOnline(hub, 2);
  await until(async () => (await verified(hub)).includes("hub damaged cut_tail"), patienceMs);
});
