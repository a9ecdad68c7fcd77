import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PaddockError } from "@paddock/contract";
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import { tools } from "@paddock/contract/tools";
import { needs } from "../../../../test/needs.ts";
import { openRoots } from "../files/open-roots.ts";
import { ownerIdentity } from "../git/identity.ts";
import { openRig, type Rig } from "../git/rig.fixture.ts";
import { type GitTool, gitHandlers } from "./git.ts";

const noCheckpoints = {
  beforeChange: async () => ({ id: null, checkpoint: "off" as const }),
  beforeCommand: async () => ({ id: null, checkpoint: "off" as const }),
};

/** Calls a tool as the gate would, and holds its answer against the declaration. */
function callerOf(rig: Rig) {
  const handlers = gitHandlers({
    cages: rig.cages,
    identity: ownerIdentity(rig.cages, rig.ownerHome),
    folder: join(rig.home, "runner", "git"),
    ownerEnvironment: { HOME: rig.ownerHome },
    checkpoints: noCheckpoints,
  });
  return async <N extends GitTool>(name: N, input: Record<string, unknown> = {}): Promise<OutputOf<N>> => {
    const parsed = tools[name].input.parse(input) as InputOf<N>;
    const { data } = await handlers[name].run(parsed, rig.call({ tool: name }));
    tools[name].output.parse(data);
    return data as OutputOf<N>;
  };
}

const failsWith = (code: string, words?: RegExp) => (error: unknown) =>
  error instanceof PaddockError && error.code === code && (words === undefined || words.test(error.message));

test("a day's work: status, add, commit, branch, diff, stash, reset, log", needs("bwrap", "git"), async () => {
  await using rig = await openRig();
  const git = callerOf(rig);
  rig.git("init");
  rig.put({ "a b.txt": "one\n", "x/y": "two\n" });
  assert.equal((await git("git_status")).text, "## main\n?? a b.txt\n?? x/");
  assert.deepEqual((await git("git_add", { files: ["a b.txt"] })).staged, ["a b.txt"]);
  const first = await git("git_commit", { message: "first\n\nbody" });
  assert.deepEqual([first.subject, first.files_changed, first.insertions], ["first", 1, 1]);
  assert.equal(rig.git("log", "-1", "--format=%an <%ae> %s", "HEAD").trim(), "Olive Owner <olive@example.org> first");
  await assert.rejects(
    git("git_commit", { message: "nothing staged" }),
    failsWith("git_failed", /untracked files present/),
  );
  const second = await git("git_commit", { message: "second", stage_all: true });
  await git("git_branch", { action: "create-and-switch", name: "feature/x" });
  rig.put({ "a b.txt": "one\ntwo\n" });
  const { diff, truncated } = await git("git_diff");
  assert.deepEqual([diff.split("\n").slice(4), truncated], [["@@ -1 +1,2 @@", " one", "+two", ""], false]);
  assert.equal((await git("git_diff", { file: "x" })).diff, "");
  assert.equal((await git("git_diff", { staged: true })).diff, "");
  assert.equal(
    (await git("git_stash", { action: "push", message: "later" })).stashes[0]?.subject,
    "On feature/x: later",
  );
  assert.equal(readFileSync(join(rig.workspace, "a b.txt"), "utf8"), "one\n");
  assert.deepEqual((await git("git_stash", { action: "pop" })).stashes, []);
  assert.deepEqual((await git("git_restore", { files: ["a b.txt"] })).source, second.hash);
  assert.equal((await git("git_status")).clean, true);
  assert.equal((await git("git_reset", { mode: "hard", ref: "HEAD~1" })).previous, second.hash);
  assert.deepEqual((await git("git_log", { ref: "main", count: 1 })).truncated, true);
  assert.deepEqual(
    (await git("git_log")).commits.map(({ subject }) => subject),
    ["first"],
  );
  assert.equal((await git("git_checkout", { branch: "main" })).head, second.hash);
  assert.equal((await git("git_branch", { action: "delete", name: "feature/x" })).deleted, first.hash);
  assert.deepEqual((await git("git_checkout", { branch: "HEAD~1" })).branch, null);
});

test("a long diff is read page by page, without a gap", needs("bwrap", "git"), async () => {
  await using rig = await openRig();
  const git = callerOf(rig);
  rig.git("init");
  rig.put({ big: "old\n" });
  rig.git("add", "-A");
  rig.git("commit", "-m", "x");
  rig.put({ big: Array.from({ length: 60_000 }, (_, at) => `line ${at}\n`).join("") });
  let whole = "";
  for (let offset: number | null = 0; offset !== null; ) {
    const page: OutputOf<"git_diff"> = await git("git_diff", { offset });
    assert.equal(page.truncated, page.next_offset !== null);
    whole += page.diff;
    offset = page.next_offset;
  }
  assert.equal(whole, rig.git("diff"));
});

test("no value of a caller is read as an option", needs("bwrap", "git"), async () => {
  await using rig = await openRig();
  const git = callerOf(rig);
  rig.git("init");
  rig.put({ f: "1\n", "-rf": "2\n", ":(exclude)f": "3\n" });
  assert.deepEqual((await git("git_add", { files: ["-rf", ":(exclude)f"] })).staged, ["-rf", ":(exclude)f"]);
  await git("git_commit", { message: "--amend" });
  const calls: [GitTool, Record<string, unknown>][] = [
    ["git_log", { ref: "--output=stolen" }],
    ["git_reset", { ref: "--hard" }],
    ["git_checkout", { branch: "--orphan=x" }],
    ["git_checkout", { branch: "-" }],
    ["git_restore", { files: ["f"], source: "--worktree" }],
    ["git_branch", { action: "create", name: "-D" }],
    ["git_branch", { action: "create", name: "ok", from: "--force" }],
    ["git_branch", { action: "delete", name: "--all" }],
    ["git_branch", { action: "create", name: "a..b" }],
    ["git_push", { remote: "--exec=x" }],
    ["git_push", { remote: "origin", branch: "--all" }],
    ["git_pull", { remote: "--upload-pack=x" }],
  ];
  for (const [name, input] of calls) {
    await assert.rejects(
      git(name, input),
      (error) => failsWith("invalid_input")(error) || failsWith("git_failed", /no remote/)(error),
      `${name} ${JSON.stringify(input)}`,
    );
  }
  assert.equal(existsSync(join(rig.workspace, "stolen")), false);
  assert.deepEqual(
    (await git("git_log")).commits.map(({ subject }) => subject),
    ["--amend"],
  );
});

test("nothing that a repository names is run", needs("bwrap", "git"), async () => {
  await using rig = await openRig();
  const git = callerOf(rig);
  rig.git("init");
  rig.put({ f: "1\n", "g.x": "1\n" });
  rig.git("add", "-A");
  rig.git("commit", "-m", "x");
  const bad = `touch ${join(rig.workspace, "RAN")}`;
  const script = `#!/bin/sh\n${bad}\n`;
  for (const hook of [
    "pre-commit",
    "commit-msg",
    "post-commit",
    "post-checkout",
    "post-index-change",
    "reference-transaction",
  ]) {
    writeFileSync(join(rig.workspace, ".git", "hooks", hook), script);
    chmodSync(join(rig.workspace, ".git", "hooks", hook), 0o755);
  }
  for (const key of [
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "diff.external",
    "diff.d.command",
    "diff.d.textconv",
    "filter.f.clean",
    "filter.f.smudge",
    "filter.f.process",
    "merge.m.driver",
    "gpg.program",
    "core.alternateRefsCommand",
    "alias.status",
  ]) {
    rig.git("config", key, key === "alias.status" ? `!${bad}` : bad);
  }
  rig.git("config", "commit.gpgSign", "true");
  rig.put({ ".gitattributes": "f diff=d merge=m\n*.x filter=f\n", f: "2\n" });
  await git("git_status");
  await git("git_diff");
  await git("git_add", { files: ["f", ".gitattributes"] });
  await git("git_commit", { message: "y" });
  await git("git_log");
  await git("git_branch", { action: "create-and-switch", name: "b" });
  await git("git_stash", { action: "push" });
  await git("git_reset", { mode: "hard" });
  rig.put({ "g.x": "2\n" });
  await assert.rejects(
    git("git_add", { files: ["g.x"] }),
    failsWith("git_failed", /the filter "f"/),
    "bytes that a filter should have changed are not stored",
  );
  await git("git_status");
  await git("git_diff");
  assert.equal(existsSync(join(rig.workspace, "RAN")), false);
});

test("a repository that lies outside of the roots is refused, however it is named", needs("bwrap", "git"), async () => {
  for (const kind of ["bwrap", "none"] as const) {
    await using rig = await openRig({ kind });
    const git = callerOf(rig);
    const outside = join(rig.base, "outside");
    mkdirSync(outside);
    rig.git("init", outside);
    rig.put({ "worktree/.git": `gitdir: ${outside}/.git\n`, "inner/f": "1\n" });
    symlinkSync(outside, join(rig.workspace, "link"));
    rig.git("init", "--separate-git-dir", join(rig.base, "apart.git"), join(rig.workspace, "apart"));
    rig.git("init", rig.base);
    const isRefused = (error: unknown) =>
      failsWith("path_outside_roots")(error) || failsWith("not_a_repository")(error);
    for (const path of ["worktree", "link", "apart", "..", outside, "inner", "."]) {
      await assert.rejects(git("git_status", { path }), isRefused, `${kind}: ${path}`);
    }
  }
});

test("what goes wrong is told in git's words", needs("bwrap", "git"), async () => {
  await using rig = await openRig();
  const git = callerOf(rig);
  await assert.rejects(git("git_status"), failsWith("not_a_repository"));
  rig.git("init");
  await assert.rejects(git("git_add"), failsWith("invalid_input"));
  await assert.rejects(git("git_add", { files: ["missing"] }), failsWith("git_failed", /did not match any files/));
  await assert.rejects(git("git_reset", { ref: "nowhere" }), failsWith("git_failed", /no commit "nowhere"/));
  await assert.rejects(git("git_status", { path: "nowhere" }), failsWith("path_not_found"));
  await assert.rejects(git("git_branch", { action: "create" }), failsWith("invalid_input"));
  writeFileSync(join(rig.ownerHome, ".gitconfig"), "");
  rig.put({ f: "1\n" });
  const nameless = callerOf(rig);
  await assert.rejects(
    nameless("git_commit", { message: "x", stage_all: true }),
    (error) => failsWith("git_failed")(error) && error instanceof PaddockError && error.nextStep.includes("user.name"),
  );
  rig.git("config", "user.name", "Local");
  rig.git("config", "user.email", "local@example.org");
  await nameless("git_commit", { message: "x" });
  assert.equal(rig.git("log", "-1", "--format=%an").trim(), "Local");
});

test(
  "a repository in another root is covered by a checkpoint of its own folder, a read-only one is not touched",
  needs("bwrap", "git"),
  async () => {
    await using rig = await openRig({ otherRoots: ["other"] });
    const asked: string[] = [];
    const checkpoints = {
      ...noCheckpoints,
      beforeCommand: async ({ workspace }: { workspace: string }) => {
        asked.push(workspace);
        return { id: null, checkpoint: "off" as const };
      },
    };
    const repository = join(rig.base, "other", "deep");
    rig.git("init", repository);
    writeFileSync(join(repository, "f"), "1\n");
    const parts = {
      cages: rig.cages,
      identity: ownerIdentity(rig.cages, rig.ownerHome),
      folder: join(rig.home, "runner", "git"),
      ownerEnvironment: {},
      checkpoints,
    };
    const input = tools.git_add.input.parse({ path: repository, all: true });
    const { run } = gitHandlers(parts).git_add;
    assert.deepEqual((await run(input, rig.call())).data.staged, ["f"]);
    assert.deepEqual(asked, [repository]);
    using roots = openRoots({
      roots: [
        { path: rig.workspace, write: true },
        { path: join(rig.base, "other"), write: false },
      ],
      hidden: [],
    });
    await assert.rejects(run(input, { ...rig.call(), roots }), failsWith("readonly"));
  },
);
