import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openDatabase } from "./database.ts";

test("one process has the database, and what was written is there for the next", async () => {
  const folder = await mkdtemp(join(tmpdir(), "paddock-database-"));
  const path = join(folder, "hub.sqlite3");
  const first = openDatabase(path);
  assert.throws(() => openDatabase(path), { code: "already_running" });
  const insert = first.prepare(
    "INSERT INTO tokens (id, name, hash, toolset, workspaces, created_at, expires_at) VALUES (?, 'n', ?, 'core', '[]', 1, 2)",
  );
  first.soon(() => insert.run("a", "a"));
  assert.throws(() => first.now(() => insert.run("b", "b") && insert.run("a", "again")), {
    code: "SQLITE_CONSTRAINT_PRIMARYKEY",
  });
  first.soon(() => insert.run("c", "c"));
  first.close();
  const second = openDatabase(path);
  assert.deepEqual(second.prepare("SELECT id FROM tokens").all(), [{ id: "a" }, { id: "c" }]);
  second.prepare("PRAGMA user_version = 999").run();
  second.close();
  assert.throws(() => openDatabase(path), { code: "invalid_config" });
  await rm(folder, { recursive: true });
});
