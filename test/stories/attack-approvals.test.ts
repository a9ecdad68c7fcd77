/** What an agent tries with the owner's answers: none of it reaches further than what the owner read. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { needs } from "../needs.ts";
import { type Caller, rest } from "../world/callers.ts";
import { until } from "../world/until.ts";
import { startWorld, type World } from "../world/world.ts";

let world: World;
let agent: Caller;

before(async () => {
  world = await startWorld();
  agent = await rest(world);
});
after(() => world[Symbol.asyncDispose]());

const withBwrap = needs("bwrap");

interface Open {
  id: string;
  lines: { label: string; text: string }[];
}

const openQuestion = () =>
  until(async () => (JSON.parse(await world.paddock("approve", "--json")) as { questions: Open[] }).questions[0]);

test("an answer for some minutes is for the directory that was asked about", withBwrap, async () => {
  for (const name of ["good", "evil"]) {
    mkdirSync(join(world.workspace, name));
    writeFileSync(join(world.workspace, name, "deploy"), `echo ${name}`);
  }
  const call = (directory: string) =>
    agent.call("run_command", {
      command: "bash deploy",
      working_directory: directory,
      needs: { no_cage: true, reason: "to deploy" },
    });
  const first = call("good");
  const asked = await openQuestion();
  const directory = asked.lines.find(({ label }) => label === "directory");
  assert.equal(directory?.text, join(realpathSync(world.workspace), "good"));
  await world.paddock("approve", asked.id, "--for", "5");
  assert.equal((await first).data.stdout, "good\n");
  assert.equal((await call("good")).data.stdout, "good\n");
  const second = call("evil");
  const again = await openQuestion();
  await world.paddock("approve", again.id, "--deny");
  assert.equal((await second).data.code, "approval_denied");
});

test("a directory that leads elsewhere when the answer comes is not started in", withBwrap, async () => {
  const here = join(world.workspace, "swapped");
  mkdirSync(here);
  const call = agent.call("run_command", {
    command: "pwd -P",
    working_directory: "swapped",
    needs: { no_cage: true, reason: "to look" },
  });
  const asked = await openQuestion();
  renameSync(here, `${here}-aside`);
  symlinkSync(join(world.workspace, "evil"), here);
  await world.paddock("approve", asked.id);
  assert.equal((await call).data.code, "approval_stale");
});

test("a script that is rewritten while it runs goes on as it was approved", withBwrap, async () => {
  const script = join(world.workspace, "slow.sh");
  const text = (last: string) => `touch started\nuntil [ -e rewritten ]; do sleep 0.1; done\necho ${last}\n`;
  writeFileSync(script, text("good"));
  const call = agent.call("run_command", { command: "bash slow.sh", needs: { no_cage: true, reason: "to wait" } });
  await world.paddock("approve", (await openQuestion()).id);
  await until(() => existsSync(join(world.workspace, "started")));
  writeFileSync(script, text("evil"));
  writeFileSync(join(world.workspace, "rewritten"), "");
  assert.equal((await call).data.stdout, "good\n");
});

test("a script that was edited after the question does not run", withBwrap, async () => {
  const script = join(world.workspace, "edited.sh");
  writeFileSync(script, "echo good\n");
  const call = agent.call("run_command", { command: "bash edited.sh", needs: { no_cage: true, reason: "to try" } });
  const { id } = await openQuestion();
  await agent.call("write_file", { path: "edited.sh", content: "echo evil\n" });
  await world.paddock("approve", id);
  assert.equal((await call).data.code, "approval_stale");
});
