import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openWorkspaces } from "./workspaces.ts";

const caller = { workspaces: [] as string[], toolset: "full" as const };

function project(context: TestContext, text: string | null) {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "paddock-project-")));
  context.after(() => rmSync(base, { recursive: true }));
  const root = join(base, "root");
  const say = (words: string) => {
    mkdirSync(join(root, ".paddock"), { recursive: true });
    writeFileSync(join(root, ".paddock", "policy.toml"), words);
  };
  mkdirSync(root);
  if (text !== null) say(text);
  const workspaces = openWorkspaces({
    ...{ store: join(base, "roots.json"), standard: root, profile: "workspace", installation: "/nowhere" },
    ...{ hidden: () => [], longestCallMs: 1000 },
  });
  return { root, say, workspaces };
}

test("a project takes away from what it is given: files, writing, the network", (context) => {
  const { root, workspaces } = project(context, 'hidden = [".env"]\nprofile = "readonly"\nnetwork = "none"\n');
  const { roots } = workspaces.enter(caller);
  assert.deepEqual(workspaces.hidden(), [{ path: join(root, ".env"), within: root }]);
  assert.deepEqual([workspaces.list[0], workspaces.isOffline(root)], [{ path: root, write: false }, true]);
  assert.throws(() => roots.locate(".env", root), { code: "denied" });
  assert.throws(() => roots.checkWritable(roots.locate("a", root)), { code: "readonly" });
});

test("what a project says of itself cannot be changed, moved or removed through file tools", async (context) => {
  const { root, workspaces } = project(context, 'hidden = [".env"]\n');
  const { roots } = workspaces.enter(caller);
  assert.deepEqual(workspaces.list, [
    { path: root, write: true },
    { path: join(root, ".paddock"), write: false },
  ]);
  const at = (path: string) => roots.locate(path, root);
  assert.throws(() => roots.checkWritable(at(".paddock/policy.toml")), { code: "readonly" });
  await assert.rejects(roots.move(at(".paddock"), at("aside"), { overwrite: false }));
  await assert.rejects(roots.removeDirectory(at(".paddock"), { recursive: true }));
});

test("a file that comes or changes counts from the next call on, and ends what ran before", (context) => {
  const { root, say, workspaces } = project(context, null);
  let changes = 0;
  workspaces.onChange(() => {
    changes += 1;
  });
  workspaces.enter(caller);
  say('profile = "readonly"\n');
  workspaces.enter(caller);
  assert.deepEqual([changes, workspaces.list[0]], [1, { path: root, write: false }]);
  workspaces.enter(caller);
  assert.equal(changes, 1);
});

for (const text of [
  'profile = "open"',
  'network = "open"',
  'sandbox = "none"',
  'hidden = ["/etc/passwd"]',
  'hidden = ["~/x"]',
  'hidden = ["../x"]',
  'hidden = ["*"]',
  "hidden = 1",
  "not toml",
  `hidden = ["${"x".repeat(20_000)}"]`,
]) {
  test(`a project that says ${text.slice(0, 30)} is refused, and nothing runs in it`, (context) => {
    const { root, workspaces } = project(context, text);
    assert.throws(() => workspaces.enter(caller), {
      code: "invalid_config",
      message: /policy\.toml says what a project/,
    });
    assert.deepEqual(workspaces.list[0], { path: root, write: false });
  });
}

test("a link in the place of the file or its folder says nothing that is followed", (context) => {
  const { root, workspaces } = project(context, null);
  const elsewhere = join(root, "..", "elsewhere");
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, "policy.toml"), 'hidden = ["a"]\n');
  symlinkSync(elsewhere, join(root, ".paddock"));
  workspaces.enter(caller);
  assert.deepEqual(workspaces.hidden(), []);
  rmSync(join(root, ".paddock"));
  mkdirSync(join(root, ".paddock"));
  symlinkSync(join(elsewhere, "policy.toml"), join(root, ".paddock", "policy.toml"));
  assert.throws(() => workspaces.enter(caller), { code: "invalid_config" });
});
