import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { PaddockError } from "@paddock/contract";
import { type InputOf, type OutputOf, tools } from "@paddock/contract/tools";
import Database from "better-sqlite3";
import { needs } from "../../../../test/needs.ts";
import { killedWriter } from "../checkpoints/killed-writer.fixture.ts";
import { type CheckpointOptions, openCheckpoints } from "../checkpoints/open-checkpoints.ts";
import { openRoots } from "../files/open-roots.ts";
import { openRig, type Rig } from "../git/rig.fixture.ts";
import { checkpointHandlers } from "./checkpoints.ts";

const limits = { maxCount: 100, maxDays: 30, maxFileBytes: 10_000, maxBytes: 1_000_000 };

/** `there`: where another world was, which goes on in this one and ends itself. */
async function openWorld(more: Partial<CheckpointOptions> = {}, there?: Rig) {
  const rig = there ?? (await openRig());
  const warnings: string[] = [];
  const folder = join(rig.home, "runner", "checkpoints");
  const log = { warn: (_: object, message: string) => void warnings.push(message) };
  const checkpoints = openCheckpoints({
    folder,
    cages: rig.cages,
    enabled: true,
    ...limits,
    waitMs: 60_000,
    log,
    ...more,
  });
  const handlers = checkpointHandlers({ checkpoints, limits });
  return {
    ...rig,
    checkpoints,
    folder,
    warnings,
    at: (...paths: string[]) => paths.map((path) => rig.call().roots.locate(path, rig.workspace)),
    async rewind(
      action: InputOf<"rewind">["action"],
      id?: string | null,
      call = rig.call({ tool: "rewind" }),
    ): Promise<OutputOf<"rewind">> {
      const input = tools.rewind.input.parse({ action, ...(id ? { checkpoint_id: id } : {}) });
      const { data } = await handlers.rewind.run(input, call);
      tools.rewind.output.parse(data);
      return data;
    },
    [Symbol.asyncDispose]: async () => {
      await checkpoints.close();
      if (there === undefined) await rig[Symbol.asyncDispose]();
    },
  };
}

/** Every file and link below a folder, with mode and content. */
function treeOf({ workspace }: Pick<Rig, "workspace">): Record<string, string> {
  const result: Record<string, string> = {};
  for (const entry of readdirSync(workspace, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(workspace, path);
    if (name.split("/").includes(".git")) continue;
    if (entry.isSymbolicLink()) result[name] = `-> ${readlinkSync(path)}`;
    else if (entry.isFile())
      result[name] = `${(statSync(path).mode & 0o777).toString(8)} ${readFileSync(path, "utf8")}`;
    else result[`${name}/`] = "";
  }
  return result;
}

test("what a command did is shown, undone, and the undoing undone", needs("bwrap", "git"), async () => {
  await using world = await openWorld();
  world.git("init");
  world.put({ "a b": "1\n", "gone/f": "2\n", run: "#!\n", ".gitignore": "out/\n", "out/o": "o\n", "nested/g": "3\n" });
  world.git("init", join(world.workspace, "nested"));
  symlinkSync("a b", join(world.workspace, "link"));
  const before = treeOf(world);
  const kept = await world.checkpoints.beforeCommand(world.call({ tool: "run_command" }), "make a mess");
  assert.equal(kept.checkpoint, "full");
  world.put({ "a b": "changed\n", "new/deep/file": "n\n", link2: "x\n", "nested/g": "4\n", "out/o": "other\n" });
  rmSync(join(world.workspace, "gone"), { recursive: true });
  rmSync(join(world.workspace, "link"));
  rmSync(join(world.workspace, "nested", ".git"), { recursive: true });
  chmodSync(join(world.workspace, "run"), 0o755);
  const messed = treeOf(world);

  const preview = await world.rewind("preview", kept.id);
  assert.match(preview.diff ?? "", /--- a\/a b\t?\n\+\+\+ b\/a b\t?\n@@ -1 \+1 @@\n-changed\n\+1\n/);
  assert.match(preview.diff ?? "", /deleted file mode 100644\n--- a\/link2\n/);
  assert.deepEqual(treeOf(world), messed, "a preview changes nothing");

  const restored = await world.rewind("restore", kept.id);
  const inside = (paths: readonly string[] = []) => paths.map((path) => relative(world.workspace, path));
  assert.deepEqual(inside(restored.restored), ["a b", "gone/f", "link", "nested/g", "run"]);
  assert.deepEqual(inside(restored.deleted), ["new/deep/file", "link2"]);
  assert.deepEqual(restored.skipped, []);
  assert.deepEqual(treeOf(world), { ...before, "out/o": "644 other\n" }, "what is ignored stays as it is");

  await world.rewind("restore", restored.checkpoint_id);
  assert.deepEqual(treeOf(world), messed);
});

test("copies of file tools and snapshots of commands make one history", needs("bwrap", "git"), async () => {
  await using world = await openWorld();
  const edit = world.call({ tool: "edit_file" });
  const command = world.call({ tool: "run_command" });
  world.put({ f: "1", g: "1", ".env": "old" });
  const first = await world.checkpoints.beforeChange(edit, "one", world.at("f", "fresh", ".env"));
  const start = treeOf(world);
  world.put({ f: "2", fresh: "2", ".env": "new" });
  const second = await world.checkpoints.beforeCommand(command, "two");
  const middle = treeOf(world);
  world.put({ f: "3", g: "3", made: "3" });
  const third = await world.checkpoints.beforeChange(edit, "three", world.at("g", "f"));
  const later = treeOf(world);
  world.put({ g: "4", f: "4" });
  for (const [kept, expected] of [
    [third, later],
    [second, middle],
    [first, start],
    [second, middle],
    [third, later],
  ] as const) {
    await world.rewind("restore", kept.id);
    assert.deepEqual(treeOf(world), expected);
  }
  const { checkpoints } = await world.rewind("list");
  assert.deepEqual(
    checkpoints
      ?.map(({ kind, title, tool, files, snapshot }) => [kind, title.replace(/cp_.*/, "ID"), tool, files > 0, snapshot])
      .slice(-4),
    [
      ["restore", "restore of ID", "rewind", true, false],
      ["change", "three", "edit_file", true, false],
      ["command", "two", "run_command", false, true],
      ["change", "one", "edit_file", true, false],
    ],
  );
});

test("deleted directories, links and modes come back through copies alone", needs("bwrap", "git"), async () => {
  await using world = await openWorld();
  const call = world.call({ tool: "delete_directory" });
  world.put({ "d/a": "1", "d/e/b": "2" });
  mkdirSync(join(world.workspace, "d/empty"));
  chmodSync(join(world.workspace, "d/a"), 0o750);
  symlinkSync("nowhere", join(world.workspace, "d/l"));
  const before = treeOf(world);
  const kept = await world.checkpoints.beforeChange(call, "delete", world.at("d", "moved"));
  assert.equal(kept.checkpoint, "full");
  rmSync(join(world.workspace, "d"), { recursive: true });
  world.put({ "moved/x": "3" });
  const { checkpoint_id } = await world.rewind("restore", kept.id);
  assert.deepEqual(treeOf(world), before);
  await world.rewind("restore", checkpoint_id);
  assert.deepEqual(treeOf(world), { "moved/": "", "moved/x": "644 3" });
});

test("a directory with more in it than is copied is covered by a snapshot", needs("bwrap", "git"), async () => {
  await using world = await openWorld();
  world.put(Object.fromEntries(Array.from({ length: 2100 }, (_, at) => [`d/${at}`, `${at}`])));
  const before = treeOf(world);
  const kept = await world.checkpoints.beforeChange(world.call({ tool: "delete_directory" }), "delete", world.at("d"));
  assert.equal(kept.checkpoint, "partial");
  rmSync(join(world.workspace, "d"), { recursive: true });
  await world.rewind("restore", kept.id);
  assert.deepEqual(treeOf(world), before);
});

test("what was too large is said when it is changed, and never deleted for it", needs("bwrap", "git"), async () => {
  await using world = await openWorld();
  const large = "x".repeat(20_000);
  world.put({ large, small: "1" });
  const change = await world.checkpoints.beforeChange(world.call(), "edit", world.at("large"));
  const command = await world.checkpoints.beforeCommand(world.call(), "command");
  assert.deepEqual([change.checkpoint, command.checkpoint], ["partial", "partial"]);
  world.put({ large: "now small", small: "2" });
  for (const { id } of [command, change]) {
    const { skipped } = await world.rewind("restore", id);
    assert.deepEqual(
      skipped?.map(({ path }) => path),
      [join(world.workspace, "large")],
    );
  }
  assert.deepEqual(treeOf(world), { large: "644 now small", small: "644 1" });
});

test("files that were ignored are not taken for new when the rules change", needs("bwrap", "git"), async () => {
  await using world = await openWorld();
  world.put({ ".gitignore": "data/\n", "data/precious": "p", "sub/.gitignore": "*.log\n", "sub/x.log": "l" });
  const before = treeOf(world);
  const kept = await world.checkpoints.beforeCommand(world.call(), "command");
  world.put({ ".gitignore": "", "sub/.gitignore": "", really: "new" });
  const { deleted, skipped } = await world.rewind("restore", kept.id);
  assert.deepEqual(deleted, [join(world.workspace, "really")]);
  assert.deepEqual(
    skipped?.map(({ path }) => relative(world.workspace, path)),
    ["data/precious", "sub/x.log"],
  );
  assert.deepEqual(treeOf(world), before);
});

test(
  "a snapshot that is not ready in time leaves the command uncovered, and says so",
  needs("bwrap", "git"),
  async () => {
    await using world = await openWorld({ waitMs: 0 });
    world.put({ f: "1" });
    const call = world.call({ tool: "run_command" });
    assert.equal((await world.checkpoints.beforeCommand(call, "too soon")).checkpoint, "partial");
    assert.deepEqual(
      (await world.rewind("list")).checkpoints?.map(({ snapshot }) => snapshot),
      [false],
    );
  },
);

test("the first snapshot is made in the background when a workspace is prepared", needs("bwrap", "git"), async () => {
  await using world = await openWorld();
  world.put({ f: "1" });
  assert.equal((await world.rewind("status")).status?.snapshot, "not begun");
  world.checkpoints.prepare(world.workspace);
  assert.equal((await world.rewind("status")).status?.snapshot, "being made");
  await world.checkpoints.beforeCommand(world.call(), "next");
  assert.equal((await world.rewind("status")).status?.snapshot, "ready");
});

test("a caller sees and restores only what its own roots show", needs("bwrap", "git"), async () => {
  await using world = await openWorld();
  const inner = join(world.workspace, "inner");
  mkdirSync(inner);
  world.put({ f: "1", "inner/g": "1" });
  const whole = await world.checkpoints.beforeChange(world.call(), "both", world.at("f", "inner/g"));
  using roots = openRoots({ roots: [{ path: inner, write: true }], hidden: [] });
  const narrow = { ...world.call({ tool: "rewind" as const }), workspace: inner, roots };
  assert.deepEqual((await world.rewind("list", null, narrow)).checkpoints, []);
  const isUnknown = (error: unknown) => error instanceof PaddockError && error.code === "checkpoint_not_found";
  for (const action of ["preview", "restore", "clear"] as const)
    await assert.rejects(world.rewind(action, whole.id, narrow), isUnknown);
  const own = await world.checkpoints.beforeChange(narrow, "own", [roots.locate("g", inner)]);
  await world.checkpoints.beforeChange(world.call(), "outer", world.at("f", "inner/g"));
  world.put({ f: "2", "inner/g": "2" });
  const { diff } = await world.rewind("preview", own.id, narrow);
  assert.match(diff ?? "", /^--- a\/g\n/);
  assert.doesNotMatch(diff ?? "", /a\/f/);
  await world.rewind("restore", own.id, narrow);
  assert.deepEqual(
    [readFileSync(join(world.workspace, "f"), "utf8"), readFileSync(join(inner, "g"), "utf8")],
    ["2", "1"],
  );
});

test(
  "checkpoints beyond the limits are forgotten, cleared ones too, with what they kept",
  needs("bwrap", "git"),
  async () => {
    await using world = await openWorld({ maxCount: 3 });
    const ids: (string | null)[] = [];
    for (let at = 0; at < 5; at += 1) {
      world.put({ f: `${at}` });
      ids.push((await world.checkpoints.beforeChange(world.call(), `${at}`, world.at("f"))).id);
    }
    const listed = async () => (await world.rewind("list")).checkpoints?.map(({ id }) => id);
    assert.deepEqual(await listed(), ids.slice(2).reverse());
    assert.equal((await world.rewind("clear", ids[3])).cleared, 2);
    assert.deepEqual(await listed(), [ids[4]]);
    assert.equal((await world.rewind("clear")).cleared, 1);
    const { status } = await world.rewind("status");
    assert.deepEqual([status?.count, status?.bytes], [0, 0]);
  },
);

test("a caller clears its own checkpoints before anybody else's, the owner all", needs("bwrap", "git"), async () => {
  await using world = await openWorld();
  const callOf = (id: string) => {
    const call = world.call({ tool: "rewind" });
    return { ...call, principal: { ...call.principal, id } };
  };
  for (const [at, id] of ["tok_a", "tok_a", "tok_b", "tok_a"].entries()) {
    world.put({ f: `${at}` });
    await world.checkpoints.beforeChange(callOf(id), `${at}`, world.at("f"));
  }
  const cleared = async (id: string) => (await world.rewind("clear", null, callOf(id))).cleared;
  assert.deepEqual([await cleared("tok_b"), await cleared("tok_a"), await cleared("tok_a")], [0, 2, 0]);
  assert.deepEqual([await cleared("tok_b"), await cleared("owner")], [1, 1]);
});

test(
  "the oldest checkpoints go when their copies are too large, and the newest stays",
  needs("bwrap", "git"),
  async () => {
    await using world = await openWorld({ maxBytes: 4_000, maxCount: 10 });
    for (let at = 0; at < 12; at += 1) {
      world.put({ f: `${at}`.repeat(1_000) });
      await world.checkpoints.beforeChange(world.call(), `${at}`, world.at("f"));
    }
    const { status } = await world.rewind("status");
    assert.ok(status && status.count >= 1 && status.count < 10 && status.bytes <= 4_000, JSON.stringify(status));
  },
);

test("when checkpoints are off nothing is kept", needs("bwrap", "git"), async () => {
  await using world = await openWorld({ enabled: false });
  world.put({ f: "1" });
  const off = { id: null, checkpoint: "off" };
  assert.deepEqual(await world.checkpoints.beforeChange(world.call(), "x", world.at("f")), off);
  assert.deepEqual(await world.checkpoints.beforeCommand(world.call(), "x"), off);
  assert.equal((await world.rewind("status")).status?.enabled, false);
});

test("damage to the store is reported and does not stop the rest", needs("bwrap", "git"), async () => {
  await using world = await openWorld();
  world.put({ f: "1", g: "1" });
  const copies = await world.checkpoints.beforeChange(world.call(), "x", world.at("f", "g", "h"));
  const command = await world.checkpoints.beforeCommand(world.call(), "y");
  world.put({ f: "2", g: "2", h: "2" });
  await world.checkpoints.close();
  const database = new Database(join(world.folder, "checkpoints.sqlite3"));
  database.exec("update contents set content = x'00'");
  database.close();
  for (const name of readdirSync(world.folder))
    rmSync(join(world.folder, name, "objects"), { recursive: true, force: true });
  for (const name of readdirSync(world.folder))
    if (existsSync(join(world.folder, name, "refs"))) mkdirSync(join(world.folder, name, "objects"));
  await using damaged = await openWorld({}, world);
  const restored = await damaged.rewind("restore", copies.id);
  assert.deepEqual(restored.deleted, [join(world.workspace, "h")]);
  assert.ok((restored.skipped?.length ?? 0) >= 3);
  assert.equal(readFileSync(join(world.workspace, "f"), "utf8"), "2");
  assert.ok((await damaged.rewind("preview", command.id)).skipped?.[0]?.reason);
});

test("a list that is no database any more is put aside and a new one begun", needs("bwrap", "git"), async () => {
  await using rig = await openRig();
  const folder = join(rig.home, "runner", "checkpoints");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "checkpoints.sqlite3"),
    "no database at all, but long enough to be read as one\n".repeat(200),
  );
  const warnings: string[] = [];
  const log = { warn: (_: object, message: string) => void warnings.push(message) };
  const checkpoints = openCheckpoints({ folder, cages: rig.cages, enabled: true, ...limits, log });
  assert.equal(checkpoints.list(rig.call(), 10).checkpoints.length, 0);
  assert.equal(warnings.length, 1);
  await checkpoints.close();
});

test(
  "a runner killed while it keeps changes leaves a store that can be read, with all that it had told",
  needs("bwrap", "git"),
  async () => {
    await using rig = await openRig({ kind: "none" });
    const folder = join(rig.home, "store");
    const child = spawn(process.execPath, [killedWriter, folder], { stdio: ["ignore", "pipe", "inherit"] });
    let told = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      told += chunk.length;
      if (told > 300) child.kill("SIGKILL");
    });
    await once(child, "close");
    const checkpoints = openCheckpoints({
      folder,
      cages: rig.cages,
      enabled: true,
      ...limits,
      log: { warn: () => assert.fail("damaged") },
    });
    const { checkpoints: listed } = checkpoints.list({ ...rig.call(), workspace: "/w" }, 100_000);
    assert.ok(listed.length >= told);
    await checkpoints.close();
  },
);

test("two calls at once keep two checkpoints", needs("bwrap", "git"), async () => {
  await using world = await openWorld();
  world.put({ f: "1" });
  const both = await Promise.all([
    world.checkpoints.beforeCommand(world.call(), "a"),
    world.checkpoints.beforeCommand(world.call(), "b"),
    world.checkpoints.beforeChange(world.call(), "c", world.at("f")),
  ]);
  assert.deepEqual(
    both.map(({ checkpoint }) => checkpoint),
    ["full", "full", "full"],
  );
  assert.equal(new Set(both.map(({ id }) => id)).size, 3);
  assert.equal((await world.rewind("list")).checkpoints?.length, 3);
});
