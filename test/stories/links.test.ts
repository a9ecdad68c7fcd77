/** A file may be reached through a link within the workspace; undo then brings back what the link leads to. */
import assert from "node:assert/strict";
import { lstatSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../needs.ts";
import { rest } from "../world/callers.ts";
import { startWorld } from "../world/world.ts";

const patch = "*** Begin Patch\n*** Update File: link\n@@\n-one\n+two\n*** End Patch";

const changes = {
  edit_file: { path: "link", old_text: "one", new_text: "two" },
  multi_edit: { path: "link", edits: [{ old_text: "one", new_text: "two" }] },
  replace_regex: { path: "link", pattern: "o.e", replacement: "two" },
  apply_patch: { patch },
  write_file: { path: "link", content: "two\n" },
} as const;

test("what is changed through a link can be taken back, and the link stays a link", needs("bwrap"), async () => {
  await using world = await startWorld();
  await using agent = await rest(world);
  const [file, link] = [join(world.workspace, "file"), join(world.workspace, "link")];
  writeFileSync(file, "one\n");
  symlinkSync("file", link);
  for (const [tool, input] of Object.entries(changes)) {
    const changed = await agent.call(tool, input);
    assert.deepEqual([changed.ok, readFileSync(file, "utf8")], [true, "two\n"], `${tool}: ${changed.summary}`);
    const undone = await agent.call("rewind", { action: "restore", checkpoint_id: changed.data.checkpoint_id });
    assert.deepEqual([undone.ok, readFileSync(file, "utf8")], [true, "one\n"], `${tool}: ${undone.summary}`);
    assert.equal(lstatSync(link).isSymbolicLink(), true);
  }
});
