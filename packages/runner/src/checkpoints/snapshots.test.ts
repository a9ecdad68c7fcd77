import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { looksSecret } from "@paddock/policy";
import { needs } from "../../../../test/needs.ts";
import { openRig, type Rig } from "../git/rig.fixture.ts";
import { Snapshots } from "./snapshots.ts";
import { Trees } from "./trees.ts";

const quiet = { warn: () => undefined };
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

const snapshotsOf = (rig: Rig, more: Partial<ConstructorParameters<typeof Snapshots>[0]> = {}) =>
  new Snapshots({
    cages: rig.cages,
    folder: join(rig.home, "runner", "checkpoints"),
    maxFileBytes: 10_000,
    timeoutMs: 60_000,
    restMs: 60_000,
    log: quiet,
    ...more,
  });

/** Everything that a snapshot holds: path to type and content. */
async function held(rig: Rig, snapshots: Snapshots, tree: string): Promise<Record<string, string>> {
  const trees = new Trees(rig.cages, snapshots.repository(rig.workspace));
  const changes = await trees.changes(emptyTree, tree);
  const contents = trees.contents(changes.map(({ after }) => after?.oid ?? ""));
  const result: Record<string, string> = {};
  for (const { path, after } of changes) {
    const { value } = await contents.next();
    result[path] = `${after?.executable ? "x" : ""}${after?.type} ${value?.toString("latin1")}`;
  }
  await contents.return(undefined);
  return result;
}

test("a snapshot holds files, links and execution bits, byte for byte", needs("bwrap", "git"), async () => {
  await using rig = await openRig();
  const snapshots = snapshotsOf(rig);
  rig.put({
    "a b": "one\r\ntwo\n",
    "-dash": "d",
    ".gitattributes": "* text=auto eol=lf ident filter=evil working-tree-encoding=UTF-16\n",
    id: "$Id$\n",
    "umlaut-ü\n": "u",
    run: "#!",
  });
  rig.git("init");
  rig.git("config", "filter.evil.clean", `touch ${rig.workspace}/RAN`);
  chmodSync(join(rig.workspace, "run"), 0o755);
  symlinkSync("/etc/shadow", join(rig.workspace, "link"));
  const snapshot = await snapshots.take(rig.workspace);
  assert.deepEqual(snapshot?.leftOut, []);
  assert.deepEqual(await held(rig, snapshots, snapshot?.tree ?? ""), {
    "-dash": "file d",
    ".gitattributes": "file * text=auto eol=lf ident filter=evil working-tree-encoding=UTF-16\n",
    "a b": "file one\r\ntwo\n",
    id: "file $Id$\n",
    link: "symlink /etc/shadow",
    run: "xfile #!",
    "umlaut-ü\n": "file u",
  });
  assert.equal(existsSync(join(rig.workspace, "RAN")), false);
});

test("repositories within the workspace are stored as the files they are", needs("bwrap", "git"), async () => {
  await using rig = await openRig();
  const snapshots = snapshotsOf(rig);
  rig.git("init");
  rig.put({ "with/f": "1", "without/deep/g": "2", "without/deep/sub/h": "3", "ignores/.gitignore": "*\n" });
  for (const nested of ["with", "without/deep", "without/deep/sub", "ignores"])
    rig.git("init", join(rig.workspace, nested));
  rig.git("-C", join(rig.workspace, "with"), "add", "-A");
  rig.git("-C", join(rig.workspace, "with"), "commit", "-m", "x");
  const first = await snapshots.take(rig.workspace);
  const expected = { "with/f": "file 1", "without/deep/g": "file 2", "without/deep/sub/h": "file 3" };
  assert.deepEqual(await held(rig, snapshots, first?.tree ?? ""), expected);
  rmSync(join(rig.workspace, "with/f"));
  rig.put({ "with/new": "4" });
  rig.git("init", join(rig.workspace, "later"));
  rig.put({ "later/i": "5" });
  const second = await snapshots.take(rig.workspace);
  const { "with/f": _, ...rest } = expected;
  assert.deepEqual(await held(rig, snapshots, second?.tree ?? ""), {
    ...rest,
    "with/new": "file 4",
    "later/i": "file 5",
  });
});

test(
  "ignored, secret, too large and odd files are left out, and said where it matters",
  needs("bwrap", "git"),
  async () => {
    await using rig = await openRig();
    const snapshots = snapshotsOf(rig);
    const large = "x".repeat(20_000);
    rig.put({
      ".gitignore": "!.env\nbuild/\n",
      "build/o": "o",
      ".env": "s",
      "k/server.key": "s",
      large,
      grows: "small",
      kept: "k",
      "node_modules/m": "m",
    });
    const first = await snapshots.take(rig.workspace);
    assert.deepEqual(first?.leftOut, ["large"]);
    const names = Object.keys(await held(rig, snapshots, first?.tree ?? ""));
    assert.deepEqual(
      names.filter((name) => name !== "closed"),
      [".gitignore", "grows", "kept"],
    );
    rig.put({ grows: large, large: "small now" });
    const second = await snapshots.take(rig.workspace);
    assert.deepEqual(second?.leftOut, ["grows"]);
    assert.deepEqual(Object.keys(await held(rig, snapshots, second?.tree ?? "")), [".gitignore", "kept", "large"]);
  },
);

test("files become directories and the reverse", needs("bwrap", "git"), async () => {
  await using rig = await openRig();
  const snapshots = snapshotsOf(rig);
  rig.put({ one: "1", "two/f": "2" });
  await snapshots.take(rig.workspace);
  rmSync(join(rig.workspace, "one"));
  rmSync(join(rig.workspace, "two"), { recursive: true });
  rig.put({ "one/f": "1", two: "2" });
  const snapshot = await snapshots.take(rig.workspace);
  assert.deepEqual(await held(rig, snapshots, snapshot?.tree ?? ""), { "one/f": "file 1", two: "file 2" });
});

test(
  "an unchanged workspace gives the same tree, and a second opening goes on where the first ended",
  needs("bwrap", "git"),
  async () => {
    await using rig = await openRig();
    rig.put({ f: "1" });
    const first = await snapshotsOf(rig).take(rig.workspace);
    const again = snapshotsOf(rig);
    assert.deepEqual(await again.take(rig.workspace), first);
    assert.equal(again.state(rig.workspace), "ready");
    const empty = join(rig.base, "empty");
    mkdirSync(empty);
    assert.equal((await again.take(empty))?.tree, emptyTree);
  },
);

test("the lock of a git that was killed does not stand in the way", needs("bwrap", "git"), async () => {
  await using rig = await openRig();
  const snapshots = snapshotsOf(rig);
  rig.put({ f: "1" });
  await snapshots.take(rig.workspace);
  writeFileSync(join(snapshots.repository(rig.workspace).path, "index.lock"), "");
  rig.put({ f: "2" });
  const snapshot = await snapshots.take(rig.workspace);
  assert.deepEqual(await held(rig, snapshots, snapshot?.tree ?? ""), { f: "file 2" });
});

test(
  "who asks during a snapshot gets one that begins later, shared by all who asked meanwhile",
  needs("bwrap", "git"),
  async () => {
    await using rig = await openRig();
    const snapshots = snapshotsOf(rig);
    rig.put({ f: "1" });
    const running = snapshots.take(rig.workspace);
    rig.put({ g: "2" });
    const [second, third] = [snapshots.take(rig.workspace), snapshots.take(rig.workspace)];
    assert.equal(second, third);
    assert.notEqual(running, second);
    assert.deepEqual(Object.keys(await held(rig, snapshots, (await second)?.tree ?? "")), ["f", "g"]);
  },
);

test("a failure is told, and nothing is tried again at once", needs("bwrap", "git"), async () => {
  await using rig = await openRig();
  const snapshots = snapshotsOf(rig, { timeoutMs: 1 });
  rig.put({ f: "1" });
  assert.equal(await snapshots.take(rig.workspace), null);
  assert.match(snapshots.state(rig.workspace), /^failed: /);
});

test("what no checkpoint names any more is swept", needs("bwrap", "git"), async () => {
  await using rig = await openRig();
  const snapshots = snapshotsOf(rig);
  const { path } = snapshots.repository(rig.workspace);
  const count = () => readdirSync(join(path, "objects"), { recursive: true }).length;
  rig.put({ f: "1" });
  const old = await snapshots.take(rig.workspace);
  snapshots.name(rig.workspace, "old", old?.tree ?? "");
  rig.put({ f: "2" });
  await snapshots.take(rig.workspace);
  const before = count();
  for (let dropped = 0; dropped < 50; dropped += 1) snapshots.drop(rig.workspace, "old");
  await snapshots.idle();
  assert.ok(count() < before);
  rig.put({ f: "3" });
  assert.notEqual(await snapshots.take(rig.workspace), null);
});

test("names of secrets are known, examples of them are not taken for secrets", () => {
  const secret = [
    ".env",
    "a/.env.local",
    "id_ed25519",
    "tls/server.KEY",
    ".ssh/config",
    "x/.aws/credentials",
    "service-account-1.json",
    ".npmrc",
  ];
  const plain = [".env.example", "environment.ts", "keys.ts", "src/secrets.ts", "key", "README.md", "id_rsa.pub"];
  assert.deepEqual(secret.filter(looksSecret), secret);
  assert.deepEqual(plain.filter(looksSecret), []);
});
