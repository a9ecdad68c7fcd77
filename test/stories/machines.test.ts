/** Machines that join a hub from outside, as their owners do it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { newKey } from "@paddock/link/sealed";
import { needs } from "../needs.ts";
import { commandOf } from "../world/command.ts";
import { type Hub, type Part, startCopy, startHub, startMachine } from "../world/machine.ts";
import { freePort, until } from "../world/until.ts";

const machinesOf = async (hub: Hub) => JSON.parse(await hub.paddock("machine", "list", "--json"));
const stateOf = async (machine: Part) => JSON.parse(await machine.paddock("status", "--json")).runner;
const callOn = async (hub: Hub, command: string) => {
  const { stdout } = await commandOf(hub)(["call", "run_command", "--command", command, "--json"]);
  return JSON.parse(stdout);
};

test("a machine joins with a code, works, and is refused at once when its owner says so", needs("bwrap"), async () => {
  await using hub = await startHub();
  const code = await hub.invite("--name", "build", "--label", "os=linux");
  await using machine = await startMachine(hub.address, code);
  await until(async () => (await machinesOf(hub))[0]?.online);
  const { ok, data } = await callOn(hub, "echo here > made.txt && pwd");
  assert.deepEqual([ok, data.stdout], [true, `${machine.workspace}\n`]);
  assert.equal(readFileSync(join(machine.workspace, "made.txt"), "utf8"), "here\n");
  const file = join(machine.home, "runner", "hub.json");
  assert.equal((statSync(file).mode & 0o777).toString(8), "600");

  await hub.paddock("machine", "disable", "build");
  await until(async () => (await stateOf(machine)).problem?.includes("disabled"));
  assert.equal((await callOn(hub, "true")).data.code, "machine_offline");
  const [record] = await machinesOf(hub);
  assert.deepEqual([record.online, record.disabled, record.labels], [false, true, ["os=linux"]]);

  assert.match(await hub.paddock("machine", "enable", "build"), /within 40 seconds/);
  await hub.paddock("machine", "remove", "build");
  assert.deepEqual(await machinesOf(hub), []);
  const { stdout } = await commandOf(hub)(["audit", "export"]);
  const events = stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line).event);
  for (const event of ["machine.invited", "machine.enrolled", "machine.disabled", "machine.removed"])
    assert.equal(events.filter((one) => one === event).length, 1, event);
  assert.doesNotMatch(stdout, new RegExp(code.split(".")[0] ?? "none"));
});

test("a code counts once, for this hub, for a while; whoever has another one is told so", needs("bwrap"), async () => {
  await using hub = await startHub();
  await using other = await startHub();
  const code = await hub.invite();
  const [secret = "", own = ""] = code.split(".");
  const foreign = (await other.invite()).split(".")[1];
  await using machine = await startMachine(hub.address, code);
  const attempts = {
    used: code,
    wrong: `join_${"A".repeat(22)}.${own}`,
    "of another hub": `${secret}.${foreign}`,
    "not a code": "join_me",
  };
  let homes = 0;
  const said = async (url: string, text: string) => {
    homes += 1;
    const home = { environment: { PADDOCK_HOME: join(machine.home, "..", `other-${homes}`) } };
    const { stdout } = await commandOf(machine)(["join", url, text, "--no-run", "--json"], home);
    return JSON.parse(stdout).error?.code;
  };
  const heard = await Promise.all(Object.values(attempts).map((text) => said(hub.address, text)));
  assert.deepEqual(heard, ["join_refused", "join_refused", "wrong_hub", "join_refused"]);
  assert.equal(await said("http://machine.example", code), "invalid_input");
  assert.equal(await said("http://127.0.0.1:1", code), "hub_unreachable");
});

test(
  "of several that join at once into one state folder one stays joined, whole, and the others are told",
  needs("bwrap"),
  async () => {
    await using hub = await startHub();
    await using place = await startHub();
    const codes = [await hub.invite("--name", "one"), await hub.invite("--name", "two")];
    const joins = [...codes, codes[0] ?? ""].map(async (code) => {
      const { stdout } = await commandOf(place)(["join", hub.address, code, "--no-run", "--json"]);
      return JSON.parse(stdout);
    });
    const heard = await Promise.all(joins);
    const joined = heard.flatMap(({ machine }) => machine ?? []);
    const folder = join(place.home, "runner");
    const { machine } = JSON.parse(readFileSync(join(folder, "hub.json"), "utf8"));
    assert.ok(joined.includes(machine), JSON.stringify(heard));
    const told = heard.flatMap(({ error }) => error?.code ?? []);
    assert.ok(
      told.every((code) => code === "already_running" || code === "join_refused"),
      told.join(),
    );
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith(".new")),
      [],
    );
  },
);

test("a machine gets another key, and the one before counts no more", needs("bwrap"), async () => {
  await using hub = await startHub();
  await using machine = await startMachine(hub.address, await hub.invite("--name", "build"));
  await until(async () => (await machinesOf(hub))[0]?.online);
  const file = join(machine.home, "runner", "hub.json");
  const before = readFileSync(file, "utf8");
  await hub.paddock("machine", "rotate-key", "build");
  await until(() => JSON.parse(readFileSync(file, "utf8")).key !== JSON.parse(before).key);
  assert.equal((await callOn(hub, "echo on")).data.stdout, "on\n");
  // Somebody has the file of before.
  await using thief = await startCopy(before);
  await until(async () => (await stateOf(thief)).problem?.includes("no machine with that key"));
  assert.equal((await machinesOf(hub))[0].online, true);
});

test(
  "a machine that was killed while its key changed comes back with whichever of the two the hub knows",
  needs("bwrap"),
  async () => {
    await using hub = await startHub({ PADDOCK_PORT: String(await freePort()) });
    await using machine = await startMachine(hub.address, await hub.invite("--name", "build"));
    await until(async () => (await machinesOf(hub))[0]?.online);
    const file = join(machine.home, "runner", "hub.json");
    const kept = () => JSON.parse(readFileSync(file, "utf8"));
    const { key } = kept();
    const another = newKey().pem;
    for (const both of [
      { key, nextKey: another },
      { key: another, nextKey: key },
    ]) {
      await machine.restart("SIGKILL", () => writeFileSync(file, JSON.stringify({ ...kept(), ...both })));
      await until(() => kept().nextKey === undefined);
      assert.equal(kept().key, key);
      assert.equal((await callOn(hub, "echo on")).data.stdout, "on\n");
    }
  },
);

test(
  "the hub gets another key: machines follow, also one that was away twice, and the former key is nobody's",
  needs("bwrap"),
  async () => {
    await using hub = await startHub({ PADDOCK_PORT: String(await freePort()) });
    await using near = await startMachine(hub.address, await hub.invite("--name", "near"));
    await using away = await startMachine(hub.address, await hub.invite("--name", "away"));
    const knows = (machine: Part) => JSON.parse(readFileSync(join(machine.home, "runner", "hub.json"), "utf8")).hub;
    const allOnline = () =>
      until(async () => (await machinesOf(hub)).every(({ online }: { online: boolean }) => online));
    await allOnline();
    const [first, stolen] = [knows(near), readFileSync(join(hub.home, "hub", "link.key"))];
    const unused = await hub.invite();
    await away.restart("SIGTERM", async () => {
      for (let times = 0; times < 2; times += 1) {
        const before = knows(near);
        await hub.paddock("machine", "rotate-hub-key");
        await until(() => knows(near) !== before);
      }
      assert.equal(knows(away), first);
    });
    await allOnline();
    assert.deepEqual([knows(away), knows(near) === first], [knows(near), false]);
    const home = { environment: { PADDOCK_HOME: join(near.home, "..", "other") } };
    const late = await commandOf(near)(["join", hub.address, unused, "--no-run", "--json"], home);
    assert.equal(JSON.parse(late.stdout).error.code, "wrong_hub");
    for (const [part, times] of [
      [hub, 2],
      [near, 2],
      [away, 1],
    ] as const) {
      const { stdout } = await commandOf(part)(["audit", "export"]);
      assert.equal(stdout.split('"hub.key_changed"').length - 1, times);
    }
    await hub.restart("SIGKILL");
    await allOnline();

    await hub.restart("SIGTERM", () => {
      writeFileSync(join(hub.home, "hub", "link.key"), stolen);
      rmSync(join(hub.home, "hub", "link.before.json"));
    });
    await until(async () => (await stateOf(near)).problem?.includes("has not the key"));
    assert.equal(knows(near), knows(away));
  },
);

test("two runners with one key: the newer one works, and both owners are told", needs("bwrap"), async () => {
  await using hub = await startHub();
  await using machine = await startMachine(hub.address, await hub.invite("--name", "build"));
  await until(async () => (await machinesOf(hub))[0]?.online);
  await using copy = await startCopy(readFileSync(join(machine.home, "runner", "hub.json"), "utf8"));
  await until(async () => (await stateOf(machine)).problem?.includes("key of this machine"));
  await until(async () => (await machinesOf(hub))[0]?.conflictAt);
  assert.equal((await callOn(hub, "pwd")).data.stdout, `${copy.workspace}\n`);
  assert.match(await hub.paddock("machine", "list"), /a second runner has its key/);
  const { stdout } = await commandOf(hub)(["audit", "export"]);
  assert.equal(stdout.split("machine.conflict").length, 2);
});

test("a hub that is killed in the middle of a call has its result when both are back", needs("bwrap"), async () => {
  await using hub = await startHub({ PADDOCK_PORT: String(await freePort()) });
  await using _machine = await startMachine(hub.address, await hub.invite());
  await until(async () => (await machinesOf(hub))[0]?.online);
  const token = JSON.parse(await hub.paddock("token", "create", "--name", "t", "--toolset", "full", "--json")).token;
  const call = fetch(`${hub.address}/api/v1/tools/run_command`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "idempotency-key": "once" },
    body: JSON.stringify({ command: "echo x >> count && sleep 2 && cat count" }),
  }).catch(() => null);
  await until(async () => JSON.parse(await hub.paddock("run", "list", "--json"))[0]?.state === "running");
  await hub.restart("SIGKILL");
  await call;
  const again = await until(async () => {
    const answer = await fetch(`${hub.address}/api/v1/tools/run_command`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "idempotency-key": "once" },
      body: JSON.stringify({ command: "echo x >> count && sleep 2 && cat count" }),
    });
    return answer.status === 200 ? ((await answer.json()) as { data: { stdout: string } }) : null;
  });
  assert.equal(again.data.stdout, "x\n");
});
