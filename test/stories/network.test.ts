/** What commands reach, as an owner sees and changes it on the command line. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../needs.ts";
import { rest } from "../world/callers.ts";
import { commandOf, jsonOf } from "../world/command.ts";
import { openSite, throughProxy } from "../world/site.ts";
import { until } from "../world/until.ts";
import { paddockCommand, startWorld, type World } from "../world/world.ts";

const needed = needs("bwrap", "git", "curl");

interface Questions {
  questions: { id: string; lines: { label: string; text: string }[] }[];
}

const nextQuestion = (world: World) =>
  until(async () => (await jsonOf<Questions>(commandOf(world), "approve")).questions[0] ?? null);

test("a host is reached as soon as it is allowed, and no longer when it is removed", needed, async () => {
  await using world = await startWorld();
  using site = await openSite();
  const { call } = await rest(world);
  const said = async () => (await call("run_command", { command: throughProxy(site.address) })).data.stdout;
  const refused = /is not a public address, and the owner's list does not name it/;
  assert.match(await said(), refused);
  await world.paddock("network", "allow", site.address);
  assert.equal(await said(), "reached\n");
  const { mode, hosts } = await jsonOf<{ mode: string; hosts: object[] }>(commandOf(world), "network", "list");
  assert.deepEqual([mode, hosts.at(-1)], ["allowlist", { host: site.address, internal: false, source: "owner" }]);
  await world.paddock("network", "remove", site.address);
  assert.match(await said(), refused);
});

test("the first contact with a host waits for the owner, and ends with their no", needed, async () => {
  await using world = await startWorld();
  const { call } = await rest(world);
  const running = call("run_command", { command: "curl -sS http://somewhere.invalid/" });
  const question = await nextQuestion(world);
  assert.match(question.lines.find(({ label }) => label === "input")?.text ?? "", /"somewhere\.invalid"/);
  await world.paddock("approve", question.id, "--deny");
  assert.equal((await running).data.stdout, "somewhere.invalid:80 is not reached: the owner said no.\n");
});

test("a command that needs the network gets it when the owner says so, but not the inside", needed, async () => {
  await using world = await startWorld({ settings: { PADDOCK_NETWORK: "none" } });
  using site = await openSite();
  const { call } = await rest(world);
  const asked = call("run_command", {
    command: throughProxy(site.address),
    needs: { network: true, reason: "to look something up" },
  });
  await world.paddock("approve", (await nextQuestion(world)).id);
  assert.match((await asked).data.stdout, /is not a public address/);
});

test(
  "a git token is taken from standard input, never shown, and lies in a file of the owner's alone",
  needed,
  async () => {
    await using world = await startWorld();
    const url = "https://git.example/me/shop";
    const add = [paddockCommand, "git", "allow", url, "--push", "--token-stdin", "--json"];
    const said = execFileSync(process.execPath, add, {
      env: world.environment,
      input: "s3cr3t-t0ken\n",
      encoding: "utf8",
    });
    assert.deepEqual(JSON.parse(said), { repositories: [{ url, push: true, internal: false, user: "git" }] });
    const { call } = await rest(world);
    const { data } = await call("run_command", { command: "env; git config --list" });
    assert.match(data.stdout, /insteadof=https:\/\/git\.example\//);
    const audit = readFileSync(join(world.home, "runner", "audit.jsonl"), "utf8");
    for (const text of [said, data.stdout, audit, await world.paddock("git", "list")])
      assert.doesNotMatch(text, /s3cr3t/);
    await world.paddock("git", "remove", url);
    assert.deepEqual(await jsonOf(commandOf(world), "git", "list"), { repositories: [] });
  },
);
