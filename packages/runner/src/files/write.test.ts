/** Changes of files and directories: atomic, bounded to what was named, and truthful when they fail. */
import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openRoots } from "./open-roots.ts";
import { revisionOf } from "./revision.ts";
import { codeOf, makeWorld, picture, secret } from "./tree.fixture.ts";

const bytes = (text: string) => Buffer.from(text);
const modeOf = (path: string) => statSync(path).mode & 0o7777;

test("writing makes parents, replaces content and keeps the mode, less the bits that give rights away", async (context) => {
  const { root, roots, at } = makeWorld(context);
  await roots.write(at("a/b/c.txt"), bytes("one"));
  assert.equal(modeOf(join(root, "a/b/c.txt")), 0o666 & ~process.umask());
  chmodSync(join(root, "a/b/c.txt"), 0o4751);
  await roots.write(at("a/b/c.txt"), bytes("two"));
  assert.equal(modeOf(join(root, "a/b/c.txt")), 0o751);
  await roots.write(at("run.sh"), bytes("#!"), { mode: 0o755 });
  assert.equal(modeOf(join(root, "run.sh")), 0o755);
  assert.deepEqual(picture(root), { "a/b/c.txt": "two", "run.sh": "#!" });
});

test("large content is written whole", async (context) => {
  const { roots, at } = makeWorld(context);
  const large = Buffer.alloc(3_000_000, "0123456789");
  await roots.write(at("large"), large);
  assert.ok((await roots.read(at("large"), 4_000_000)).equals(large));
  assert.equal(await codeOf(() => roots.read(at("large"), 2_999_999)), "file_too_large");
});

test("a write through a link changes what it points at and leaves the link", async (context) => {
  const { root, roots, at } = makeWorld(context, { "dir/file": "old", link: "-> dir/file", loose: "-> nothing" });
  await roots.write(at("link"), bytes("new"));
  assert.equal(await codeOf(() => roots.write(at("loose"), bytes("x"))), "path_not_found");
  assert.equal(await codeOf(() => roots.write(at("loose/under"), bytes("x"))), "path_not_found");
  assert.deepEqual(picture(root), { "dir/file": "new", link: "-> dir/file", loose: "-> nothing" });
});

test("an expected revision keeps a write from replacing what somebody else wrote", async (context) => {
  const { root, roots, at } = makeWorld(context, { file: "theirs" });
  assert.equal(
    await codeOf(() => roots.write(at("file"), bytes("x"), { expected: revisionOf("mine") })),
    "changed_meanwhile",
  );
  assert.equal(await codeOf(() => roots.write(at("file"), bytes("x"), { expected: null })), "changed_meanwhile");
  assert.equal(
    await codeOf(() => roots.write(at("gone"), bytes("x"), { expected: revisionOf("mine") })),
    "changed_meanwhile",
  );
  await roots.write(at("file"), bytes("ours"), { expected: revisionOf("theirs") });
  await roots.write(at("new"), bytes("n"), { expected: null });
  assert.deepEqual(picture(root), { file: "ours", new: "n" });
});

test("of two writers that expect the same revision exactly one succeeds", async (context) => {
  const { roots, at } = makeWorld(context, { file: "start" });
  const expected = revisionOf("start");
  const large = (sign: string) => Buffer.alloc(200_000, sign);
  const codes = await Promise.all(
    ["a", "b", "c"].map((sign) => codeOf(() => roots.write(at("file"), large(sign), { expected }))),
  );
  assert.deepEqual(codes.toSorted(), ["changed_meanwhile", "changed_meanwhile", "ok"]);
});

test("appending adds to the end and creates what is missing", async (context) => {
  const { root, roots, at } = makeWorld(context, { file: "one" });
  chmodSync(join(root, "file"), 0o640);
  await roots.write(at("file"), bytes("+two"), { append: true });
  await roots.write(at("fresh"), bytes("x"), { append: true });
  assert.equal(modeOf(join(root, "file")), 0o640);
  assert.deepEqual(picture(root), { file: "one+two", fresh: "x" });
});

test("a refused write leaves no trace", async (context) => {
  const { root, roots, at } = makeWorld(context, { file: "f", "dir/x": "" });
  assert.equal(await codeOf(() => roots.write(at("file/under"), bytes("x"))), "not_a_directory");
  assert.equal(await codeOf(() => roots.write(at("dir"), bytes("x"))), "not_a_file");
  assert.equal(await codeOf(() => roots.write(at("."), bytes("x"))), "denied");
  assert.equal(await codeOf(() => roots.write(at(`a/${"n".repeat(256)}`), bytes("x"))), "invalid_path");
  assert.deepEqual(picture(root), { a: "/", "dir/x": "", file: "f" });
});

test("what the operating system forbids is permission_denied", {
  skip: process.geteuid?.() === 0 && "root may do everything",
}, async (context) => {
  const { root, roots, at } = makeWorld(context, { "closed/file": "f", locked: "l" });
  chmodSync(join(root, "locked"), 0o444);
  chmodSync(join(root, "closed"), 0o555);
  assert.equal(await codeOf(() => roots.write(at("locked"), bytes("x"))), "permission_denied");
  assert.equal(await codeOf(() => roots.write(at("closed/new"), bytes("x"))), "permission_denied");
  assert.equal(await codeOf(() => roots.removeFile(at("closed/file"))), "permission_denied");
  assert.equal(await codeOf(() => roots.removeDirectory(at("closed"), { recursive: true })), "permission_denied");
  chmodSync(join(root, "closed"), 0o755);
});

test("a copy has the content and mode, and replaces only when asked", async (context) => {
  const { root, roots, at } = makeWorld(context, { from: "content", taken: "t", link: "-> from" });
  chmodSync(join(root, "from"), 0o755);
  await roots.copy(at("from"), at("new/to"), { overwrite: false });
  assert.equal(modeOf(join(root, "new/to")), 0o755);
  assert.equal(await codeOf(() => roots.copy(at("from"), at("taken"), { overwrite: false })), "path_exists");
  assert.equal(await codeOf(() => roots.copy(at("from"), at("link"), { overwrite: true })), "invalid_input");
  assert.equal(await codeOf(() => roots.copy(at("new"), at("x"), { overwrite: true })), "not_a_file");
  await roots.copy(at("from"), at("taken"), { overwrite: true });
  assert.deepEqual(picture(root), { from: "content", link: "-> from", "new/to": "content", taken: "content" });
});

test("a move renames files, directories and links, and replaces only a file, only when asked", async (context) => {
  const { root, roots, at } = makeWorld(context, {
    file: "f",
    "dir/in": "i",
    link: "-> file",
    taken: "t",
    "full/x": "x",
  });
  const move = (from: string, to: string, overwrite = false) =>
    codeOf(() => roots.move(at(from), at(to), { overwrite }));
  assert.equal(await move("file", "taken"), "path_exists");
  assert.equal(await move("file", "full", true), "path_exists");
  assert.equal(await move("dir", "taken", true), "path_exists");
  assert.equal(await move("dir", "full", true), "path_exists");
  assert.equal(await move("dir", "dir/in/deeper"), "invalid_input");
  assert.equal(await move("file", "file", true), "invalid_input");
  assert.equal(await move("missing", "x"), "path_not_found");
  assert.equal(await move(".", "x"), "denied");
  assert.deepEqual(
    [await move("dir", "sub/moved"), await move("link", "sub/link"), await move("file", "taken", true)],
    ["ok", "ok", "ok"],
  );
  assert.deepEqual(picture(root), { "full/x": "x", "sub/link": "-> file", "sub/moved/in": "i", taken: "f" });
});

test("a move between file systems copies and then removes", async (context) => {
  const { root } = makeWorld(context, {
    "tree/file": "f",
    "tree/deep/x": "x",
    "tree/link": "-> file",
    single: "s",
    taken: "t",
  });
  const far = mkdtempSync("/dev/shm/paddock-move-");
  context.after(() => rmSync(far, { recursive: true }));
  assert.notEqual(statSync(far).dev, statSync(root).dev, "the test needs two file systems");
  const both = [
    { path: root, write: true },
    { path: far, write: true },
  ];
  using roots = openRoots({ roots: both, hidden: [] });
  const at = (path: string) => roots.locate(path, root);
  await roots.move(at("tree"), at(join(far, "tree")), { overwrite: false });
  await roots.move(at("single"), at(join(far, "single")), { overwrite: false });
  assert.deepEqual(picture(far), { single: "s", "tree/deep/x": "x", "tree/file": "f", "tree/link": "-> file" });
  await roots.move(at(join(far, "single")), at("taken"), { overwrite: true });
  await roots.move(at(join(far, "tree")), at("back"), { overwrite: false });
  assert.deepEqual(picture(far), {});
  assert.deepEqual(picture(root), { "back/deep/x": "x", "back/file": "f", "back/link": "-> file", taken: "s" });
});

test("removal takes the link and not what it points at", async (context) => {
  const { root, outside, roots, at } = makeWorld(context, { "dir/deep/file": "f", "dir/x": "x" });
  symlinkSync(outside, join(root, "dir/out"));
  symlinkSync(outside, join(root, "alone"));
  await roots.removeFile(at("alone"));
  assert.equal(await codeOf(() => roots.removeFile(at("dir"))), "not_a_file");
  assert.equal(await codeOf(() => roots.removeDirectory(at("dir"), { recursive: false })), "directory_not_empty");
  await roots.removeDirectory(at("dir"), { recursive: true });
  assert.deepEqual(picture(root), {});
  assert.deepEqual(picture(outside), { secret });
  assert.equal(await codeOf(() => roots.removeDirectory(at("."), { recursive: true })), "denied");
});

test("a tree with names that are not UTF-8 is removed", async (context) => {
  const { root, roots, at } = makeWorld(context, { "dir/x": "x" });
  const odd = Buffer.concat([Buffer.from(join(root, "dir/")), Buffer.from([0xff, 0xfe])]);
  mkdirSync(odd);
  writeFileSync(Buffer.concat([odd, Buffer.from("/"), Buffer.from([0xe9])]), "");
  await roots.removeDirectory(at("dir"), { recursive: true });
  assert.deepEqual(readdirSync(root), []);
});

test("a tree that is deeper than a path may be long is removed", async (context) => {
  const { root, roots, at } = makeWorld(context);
  const name = "d".repeat(100);
  const start = process.cwd();
  context.after(() => process.chdir(start));
  process.chdir(root);
  for (let depth = 0; depth < 150; depth += 1) {
    mkdirSync(name);
    process.chdir(name);
    writeFileSync("file", "f");
  }
  process.chdir(start);
  await roots.removeDirectory(at(name), { recursive: true });
  assert.deepEqual(readdirSync(root), []);
});

test("a link is made with any text, and following it is what is refused", async (context) => {
  const { root, outside, roots, at } = makeWorld(context);
  await roots.makeLink(at("sub/link"), outside);
  assert.equal(await roots.readLink(at("sub/link")), outside);
  assert.equal(await codeOf(() => roots.makeLink(at("sub/link"), "x")), "path_exists");
  assert.equal(await codeOf(() => roots.entries(at("sub/link"))), "path_outside_roots");
  assert.deepEqual(picture(root), { "sub/link": `-> ${outside}` });
});

test("files in the way of a directory are named, and one that exists is fine", async (context) => {
  const { root, roots, at } = makeWorld(context, { file: "f" });
  assert.equal(await codeOf(() => roots.makeDirectory(at("file"))), "not_a_directory");
  assert.equal(await codeOf(() => roots.makeDirectory(at("file/sub"))), "not_a_directory");
  await roots.makeDirectory(at("a/b"));
  await roots.makeDirectory(at("a/b"));
  await roots.makeDirectory(at("."));
  assert.deepEqual(picture(root), { "a/b": "/", file: "f" });
  assert.equal(readFileSync(join(root, "file"), "utf8"), "f");
});
