import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openWorkspaces } from "./workspaces.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "paddock-workspaces-")));
after(() => rmSync(base, { recursive: true }));

const folderAt = (...parts: string[]): string => {
  const path = join(base, ...parts);
  mkdirSync(path, { recursive: true });
  return path;
};
const opened = (name: string, installation = "/nowhere") => {
  const store = join(folderAt(name), "state", "roots.json");
  const standard = folderAt(name, "standard");
  return {
    store,
    standard,
    open: () =>
      openWorkspaces({ store, standard, profile: "workspace", hidden: () => [], installation, longestCallMs: 60_000 }),
  };
};
const caller = (...workspaces: string[]) => ({ workspaces, toolset: "full" }) as const;

test("an added root is told, works at once, and is there after a restart until it is removed", () => {
  const { standard, open } = opened("added");
  const shop = folderAt("added", "shop");
  const workspaces = open();
  let changes = 0;
  workspaces.onChange(() => {
    changes += 1;
  });
  workspaces.add(shop, true);
  assert.equal(workspaces.enter(caller(), shop).workspace, shop);
  assert.equal(changes, 1);
  const list = [
    { path: standard, write: true },
    { path: shop, write: true },
  ];
  assert.deepEqual([workspaces.list, open().list], [list, list]);
  workspaces.remove(shop);
  assert.throws(() => workspaces.enter(caller(), shop), { code: "path_outside_roots", message: /shop is not a root/ });
  assert.deepEqual(open().list, [{ path: standard, write: true }]);
});

test("a caller that is bound to workspaces begins in the first of them and enters no other", () => {
  const { standard, open } = opened("bound");
  const shop = folderAt("bound", "shop");
  const workspaces = open();
  workspaces.add(shop, true);
  const { workspace, roots } = workspaces.enter(caller(shop), undefined);
  assert.deepEqual([workspace, roots.list], [shop, [{ path: shop, write: true }]]);
  assert.throws(() => workspaces.enter(caller(shop), standard), { code: "path_outside_roots" });
  assert.throws(() => workspaces.enter(caller(join(base, "gone")), undefined), {
    code: "path_outside_roots",
    message: "No root of this machine is among those that this caller may work in.",
  });
});

test("a change that cannot be written down does not happen", () => {
  const { store, standard, open } = opened("unwritable");
  const workspaces = open();
  mkdirSync(join(store, "in the way"), { recursive: true });
  assert.throws(() => workspaces.add(folderAt("unwritable", "shop"), true));
  assert.deepEqual(workspaces.list, [{ path: standard, write: true }]);
});

test("a damaged list of roots is reported, not taken for an empty one", () => {
  for (const text of ["{", '[{"path": 1}]']) {
    const { store, open } = opened("damaged");
    mkdirSync(join(base, "damaged", "state"), { recursive: true });
    writeFileSync(store, text);
    assert.throws(open, { code: "invalid_config" });
    assert.equal(readFileSync(store, "utf8"), text);
  }
});

test("Paddock's own programs are read-only within a root that contains them, for every caller that has the root", () => {
  const projects = folderAt("own", "projects");
  const installation = folderAt("own", "projects", "paddock");
  const { standard, open } = opened("own", installation);
  const workspaces = open();
  assert.deepEqual(workspaces.list, [{ path: standard, write: true }]);
  workspaces.add(projects, true);
  const both = [
    { path: projects, write: true },
    { path: installation, write: false },
  ];
  assert.deepEqual(workspaces.list, [{ path: standard, write: true }, ...both]);
  const listed = (...own: string[]) =>
    workspaces.enter(caller(...own), undefined).roots.list.map(({ path, write }) => ({ path, write }));
  assert.deepEqual(new Set(listed(projects)), new Set(both));
  assert.deepEqual(listed(standard), [{ path: standard, write: true }]);
  const { roots } = workspaces.enter(caller(projects), undefined);
  assert.equal(roots.locate(join(installation, "a"), projects).write, false);
  assert.equal(roots.locate(join(projects, "a"), projects).write, true);
});

test("what is denied is hidden in every root, at once and after a restart, until that is taken back", async () => {
  const { standard, open } = opened("denied");
  const closed = folderAt("denied", "standard", "closed");
  writeFileSync(join(closed, "a"), "secret");
  const workspaces = open();
  let changes = 0;
  workspaces.onChange(() => {
    changes += 1;
  });
  assert.equal(workspaces.deny(closed), closed);
  for (const one of [workspaces, open()]) {
    const { roots } = one.enter(caller());
    assert.throws(() => roots.locate("closed/a", standard), { code: "denied" });
    assert.deepEqual([one.denied, one.hidden()], [[closed], [{ path: closed, within: standard }]]);
  }
  workspaces.deny(join(standard, "to-come"));
  workspaces.remove(join(standard, "to-come"));
  workspaces.remove(closed);
  assert.equal(changes, 4);
  const { roots } = workspaces.enter(caller());
  assert.equal((await roots.read(roots.locate("closed/a", standard), 100)).toString(), "secret");
});

test("neither the default workspace nor what holds it can be closed, and no root is added in what is closed", () => {
  const { standard, open } = opened("held");
  const workspaces = open();
  for (const path of [standard, base, "relative"]) assert.throws(() => workspaces.deny(path), path);
  const closed = folderAt("held", "closed", "in");
  workspaces.deny(folderAt("held", "closed"));
  assert.throws(() => workspaces.add(closed, true), { code: "denied" });
  assert.deepEqual(workspaces.list, [{ path: standard, write: true }]);
});
