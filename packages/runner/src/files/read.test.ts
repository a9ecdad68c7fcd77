/** Content and state by one handle, as edits and checkpoints read them. */
import assert from "node:assert/strict";
import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { codeOf, makeWorld } from "./tree.fixture.ts";

test("content comes with the state of the file that it was read from, links followed", async (context) => {
  const { root, roots, at } = makeWorld(context, { file: "inside", link: "-> file", "dir/": "/" });
  chmodSync(join(root, "file"), 0o640);
  for (const path of ["file", "link"]) {
    const { content, state } = await roots.readWithState(at(path), 100);
    assert.deepEqual([content.toString(), state], ["inside", await roots.stat(at(path))]);
  }
  assert.equal(await codeOf(() => roots.readWithState(at("nothing"), 100)), "path_not_found");
  assert.equal(await codeOf(() => roots.readWithState(at("dir"), 100)), "not_a_file");
  assert.equal(await codeOf(() => roots.readWithState(at("file"), 5)), "file_too_large");
});

test("what is captured at a path is the file itself, and of anything else only the state", async (context) => {
  const { roots, at } = makeWorld(context, { file: "inside", link: "-> file", "dir/": "/" });
  const captured = async (path: string, maxBytes = 100) => {
    const found = await roots.capture(at(path), maxBytes);
    if (found !== null) assert.deepEqual(found.state, await roots.lstat(at(path)), path);
    return found === null ? "nothing" : [found.state.type, found.content?.toString() ?? null];
  };
  assert.deepEqual(await captured("file"), ["file", "inside"]);
  assert.deepEqual(await captured("file", 5), ["file", null]);
  assert.deepEqual(await captured("link"), ["symlink", null]);
  assert.deepEqual(await captured("dir"), ["directory", null]);
  assert.equal(await captured("missing"), "nothing");
});

test("nothing is captured by way of a link that leads out", async (context) => {
  const { root, outside, roots, at } = makeWorld(context);
  symlinkSync(outside, join(root, "out"));
  assert.equal(await codeOf(() => roots.capture(at("out/secret"), 100)), "path_outside_roots");
  assert.equal(await codeOf(() => roots.readWithState(at("out/secret"), 100)), "path_outside_roots");
});
