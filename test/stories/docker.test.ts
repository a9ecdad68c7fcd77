/** A whole Paddock whose cages are containers. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../needs.ts";
import { auditOf } from "../red-team/owner.ts";
import { rest } from "../world/callers.ts";
import { commandOf, jsonOf } from "../world/command.ts";
import { openSite } from "../world/site.ts";
import { until } from "../world/until.ts";
import { up } from "../world/up.ts";
import { startWorld } from "../world/world.ts";

const settings = {
  PADDOCK_SANDBOX: "docker",
  PADDOCK_DOCKER_SOCKET: process.env.PADDOCK_TEST_DOCKER ?? "",
  PADDOCK_DOCKER_IMAGE: process.env.PADDOCK_TEST_DOCKER_IMAGE ?? "",
};

test("commands, processes, searches, git and checkpoints work in containers", needs("docker"), async () => {
  await using world = await startWorld({ settings });
  const { call } = await rest(world);
  const done = async (tool: string, input: Record<string, unknown> = {}) => {
    const answer = await call(tool, input);
    assert.equal(answer.ok, true, JSON.stringify(answer));
    return answer.data;
  };
  assert.deepEqual((await done("agent_status")).sandbox.kind, "docker");
  writeFileSync(join(world.workspace, "notes.txt"), "a needle\n");
  assert.deepEqual((await done("grep", { pattern: "needle" })).matches.length, 1);
  await done("run_command", { command: "export A=1; git init -q .; echo more >>notes.txt" });
  assert.equal((await done("run_command", { command: "echo $A; wc -l <notes.txt" })).stdout, "1\n2\n");
  assert.equal((await done("git_status")).untracked?.includes("notes.txt") ?? true, true);
  const { id } = await done("start_process", { command: "sleep 300" });
  assert.equal((await done("process_status", { id })).processes[0].state, "running");
  await done("stop_process", { id, force: true });
  mkdirSync(join(world.workspace, "sub"));
  assert.equal(
    (await done("run_command", { command: "pwd", working_directory: "sub" })).stdout,
    `${world.workspace}/sub\n`,
  );
});

/** The image has no client but bash. */
const ask = (address: string) =>
  `exec 3<>/dev/tcp/127.0.0.1/3128; printf 'GET http://${address}/ HTTP/1.1\\r\\nHost: ${address}\\r\\n\\r\\n' >&3; cat <&3`;

test("a container reaches a host when the owner allows it, waits for them at another, and all is on record", {
  ...needs("docker"),
}, async () => {
  await using world = await startWorld({ settings });
  using site = await openSite();
  const { call } = await rest(world);
  const said = async () => (await call("run_command", { command: ask(site.address) })).data.stdout;
  assert.match(await said(), /is not a public address, and the owner's list does not name it/);
  await world.paddock("network", "allow", site.address);
  assert.match(await said(), /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\nreached\n$/);
  const waiting = call("run_command", { command: ask("somewhere.invalid") });
  const asked = async () => (await jsonOf<{ questions: { id: string }[] }>(commandOf(world), "approve")).questions[0];
  await world.paddock("approve", (await until(asked)).id, "--deny");
  assert.match((await waiting).data.stdout, /^HTTP\/1\.1 403 /);
  const told = auditOf(world, "runner").filter(({ event }) => /^network\.(allowed|refused)$/.test(event));
  assert.deepEqual(
    told.map(({ event, detail }) => [event, detail?.host]),
    [
      ["network.refused", site.address],
      ["network.allowed", site.address],
      ["network.refused", "somewhere.invalid:80"],
    ],
  );
});

test("an image that is not pinned stops the start", needs("docker"), async () => {
  await using world = await startWorld({ up: false, settings: { ...settings, PADDOCK_DOCKER_IMAGE: "debian:12" } });
  await using running = up(world, "--json");
  const { error } = JSON.parse(await until(() => running.said().endsWith("}\n") && running.said()));
  assert.deepEqual([error.code, /by its digest/.test(error.message)], ["invalid_config", true]);
});

test("docker_socket names the engine", async () => {
  const elsewhere = { ...settings, PADDOCK_DOCKER_SOCKET: "/nowhere/docker.sock" };
  await using world = await startWorld({ up: false, settings: elsewhere });
  await using running = up(world, "--json");
  const { error } = JSON.parse(await until(() => running.said().endsWith("}\n") && running.said()));
  assert.equal(error.code, "sandbox_unavailable");
  assert.match(error.message, /^No Docker engine answers at \/nowhere\/docker.sock/);
});
