/** Repositories that come to be at a root while a cage runs that shows it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { needs } from "../../../../test/needs.ts";
import { makeShells, type TestShells } from "../tools/shell.fixture.ts";

const needed = needs("bwrap", "git");

/** Tries until it is refused: what an earlier command has left may need a moment to be gone. */
async function untilRefused(at: TestShells, command: string): Promise<void> {
  for (let waitedMs = 0; (await at.run(command)).exit_code === 0; waitedMs += 50) {
    assert.ok(waitedMs < 30_000, "it is never refused");
    await delay(50);
  }
}

test("a repository that a command made is guarded from the next one on, and the shell goes on", needed, async () => {
  await using at = await makeShells();
  const { workspace } = at.place;
  await at.run("mkdir sub; cd sub; export A=kept; git init -q ..; git config user.name Ada");
  await untilRefused(at, "git config some.thing else");
  const ran = join(workspace, "ran");
  const program = `#!/bin/sh\\ntouch ${ran}\\n`;
  const attempt = `git config core.fsmonitor 'touch ${ran}'; printf '${program}' >../.git/hooks/pre-commit; mv ../.git ../g`;
  assert.equal((await at.run(`(${attempt}) 2>/dev/null; echo $A; pwd`)).stdout, `kept\n${workspace}/sub\n`);
  for (const command of ["status", "-c user.email=a@example.org commit --quiet --allow-empty --message x"])
    execFileSync("git", ["-C", workspace, ...command.split(" ")], { stdio: "ignore", env: { PATH: process.env.PATH } });
  assert.equal(existsSync(ran), false);
});

test("while something runs beside it nothing is ended; then the guard takes hold", needed, async () => {
  await using at = await makeShells();
  const { id } = await at.ask("start_process", { command: "sleep 300" });
  await at.run("git init -q .");
  await at.run("git config user.name Ada");
  const { processes } = await at.ask("process_status", { id });
  assert.deepEqual(
    processes.map(({ state }) => state),
    ["running"],
  );
  await at.ask("stop_process", { id, force: true });
  await untilRefused(at, "git config user.name Eve");
});

test("what the owner lets a repository read besides is guarded from the next command on", needed, async () => {
  await using at = await makeShells();
  const git = (...args: string[]) => execFileSync("git", ["-C", at.place.workspace, ...args], { stdio: "ignore" });
  git("init", "-q", ".");
  await at.run("true");
  git("config", "extensions.worktreeConfig", "true");
  await untilRefused(at, "echo x >>.git/config.worktree");
});
