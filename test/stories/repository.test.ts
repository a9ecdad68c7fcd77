/** The main story: a client finds a bug in a real repository, mends it, tests it, commits it, and takes it back. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { AuditRecord } from "@paddock/contract";
import { needs } from "../needs.ts";
import { type Caller, callers } from "../world/callers.ts";
import { startWorld, type World } from "../world/world.ts";

const identity = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.org",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.org",
};

/** A repository with a test that fails: the sum of 2 and 3 is said to be -1. */
function makeRepository({ workspace, environment }: World): void {
  writeFileSync(join(workspace, "sum.sh"), "#!/bin/sh\n# Adds two numbers.\nsum() {\n  echo $(($1 - $2))\n}\n");
  writeFileSync(
    join(workspace, "test.sh"),
    '. ./sum.sh\n[ "$(sum 2 3)" = 5 ] || { echo "not ok: 2 + 3 is $(sum 2 3)"; exit 1; }\necho ok\n',
  );
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: workspace, env: { ...environment, ...identity } });
  git("init", "--quiet", "--initial-branch=main");
  git("config", "--global", "user.name", "Ada");
  git("config", "--global", "user.email", "ada@example.org");
  git("add", ".");
  git("commit", "--quiet", "--message", "begin");
}

const patch = `*** Begin Patch
*** Update File: sum.sh
@@
 sum() {
-  echo $(($1 - $2))
+  echo $(($1 + $2))
 }
*** End Patch`;

async function work({ call }: Caller, { workspace }: World): Promise<void> {
  const status = await call("agent_status");
  assert.equal(status.data.workspace, workspace);

  const found = await call("grep", { pattern: "Adds two" });
  assert.deepEqual(found.data.matches, [{ path: "sum.sh", line: 2, text: "# Adds two numbers." }]);

  const failing = await call("run_command", { command: "sh test.sh" });
  assert.deepEqual([failing.ok, failing.data.exit_code, failing.data.stdout], [true, 1, "not ok: 2 + 3 is -1\n"]);

  const patched = await call("apply_patch", { patch });
  assert.equal(patched.ok, true, patched.summary);
  assert.match(readFileSync(join(workspace, "sum.sh"), "utf8"), /\$1 \+ \$2/);

  const passing = await call("run_command", { command: "sh test.sh" });
  assert.deepEqual([passing.data.exit_code, passing.data.stdout], [0, "ok\n"]);

  const outside = await call("read_text_file", { path: "/etc/passwd" });
  assert.deepEqual([outside.ok, outside.data.code], [false, "path_outside_roots"]);

  assert.equal((await call("git_add", { files: ["sum.sh"] })).ok, true);
  const committed = await call("git_commit", { message: "mend the sum" });
  assert.equal(committed.ok, true, committed.summary);
  const log = await call("git_log", { count: 1 });
  assert.match(JSON.stringify(log.data), /mend the sum/);

  const undone = await call("rewind", { action: "restore", checkpoint_id: patched.data.checkpoint_id });
  assert.equal(undone.ok, true, undone.summary);
  assert.match(readFileSync(join(workspace, "sum.sh"), "utf8"), /\$1 - \$2/);
}

/** What came of each call, in order, the refused one with its code. */
const outcomes = [
  ["agent_status", "completed"],
  ["grep", "completed"],
  ["run_command", "completed", undefined, 1],
  ["apply_patch", "completed"],
  ["run_command", "completed", undefined, 0],
  ["read_text_file", "refused", "path_outside_roots"],
  ["git_add", "completed"],
  ["git_commit", "completed"],
  ["git_log", "completed"],
  ["rewind", "completed"],
] as const;

/** What the machine's audit log says of it. */
const onMachine = outcomes.flatMap(([tool, state, code, exitCode]) => [
  { event: "call.started", tool, verdict: "allow" },
  { event: "call.finished", tool, state, ...(code ? { code } : {}), ...(exitCode === undefined ? {} : { exitCode }) },
]);

/** What the hub's says, where the call came through it. */
const inHub = outcomes.flatMap(([tool, state]) => [
  { event: "call.received", tool },
  { event: "call.finished", tool, state },
]);

const told = ({ event, tool, verdict, state, code, exitCode }: AuditRecord) => ({
  event,
  tool,
  ...(verdict ? { verdict } : {}),
  ...(state ? { state } : {}),
  ...(code ? { code } : {}),
  ...(exitCode === undefined ? {} : { exitCode }),
});

for (const [name, connect] of Object.entries(callers)) {
  test(`a bug is found, mended, tested, committed and taken back by ${name}`, needs("bwrap", "git"), async () => {
    await using world = await startWorld();
    makeRepository(world);
    await using caller = await connect(world);
    await work(caller, world);
    const records: (AuditRecord & { log: string })[] = JSON.parse(
      await world.paddock("audit", "tail", "--lines", "200", "--json"),
    );
    const calls = records.filter(({ event }) => event.startsWith("call."));
    const { runner = [], hub = [] } = Object.groupBy(calls, ({ log }) => log);
    assert.deepEqual(runner.map(told), onMachine);
    assert.deepEqual(hub.map(told), caller.surface === "stdio" ? [] : inHub);
    assert.deepEqual(new Set(calls.flatMap(({ surface = [] }) => surface)), new Set([caller.surface]));
    assert.equal(JSON.parse(await world.paddock("audit", "verify", "--json")).ok, true);
  });
}
