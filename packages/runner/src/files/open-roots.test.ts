/** Where paths may lead: prefix tricks, links, odd names, hidden places. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { openRoots } from "./open-roots.ts";
import { codeOf, fill, makeWorld, picture, secret } from "./tree.fixture.ts";

const bytes = (text: string) => Buffer.from(text);

test("a path outside of the roots is refused, however it is written", async (context) => {
  const { root, outside, roots } = makeWorld(context, { file: "f", "dir/file": "g" });
  const refused = [
    join(outside, "secret"),
    `${root}-evil/secret`,
    "../app-evil/secret",
    "dir/../../app-evil/secret",
    "..",
    "/",
    "/etc/passwd",
    "/proc/self/root/etc/passwd",
    "/dev/fd/0",
    "~/file/../../..",
  ];
  const codes = await Promise.all(refused.map((path) => codeOf(() => roots.locate(path, root))));
  assert.deepEqual(
    codes,
    refused.map(() => "path_outside_roots"),
  );
  assert.equal(await codeOf(() => roots.locate("a\0b", root)), "invalid_path");
  assert.equal(await codeOf(() => roots.locate("", root)), "invalid_path");
  assert.equal(await codeOf(() => roots.locate("x".repeat(5000), root)), "invalid_path");
});

test("no root means that nothing is allowed", async (context) => {
  const { root } = makeWorld(context);
  using none = openRoots({ roots: [], hidden: [] });
  assert.equal(await codeOf(() => none.locate(root, "/")), "path_outside_roots");
});

test("a link may be followed only to what is beneath the root", async (context) => {
  const { root, outside, roots, at } = makeWorld(context, {
    "dir/file": "inside",
    into: "-> dir",
    again: "-> into/file",
  });
  for (const [name, target] of Object.entries({
    "to-file": join(outside, "secret"),
    "to-dir": outside,
    up: "../app-evil",
    chain: "to-dir",
    magic: "/proc/self/root",
    fd: "/proc/self/fd",
    dangling: join(outside, "not-there"),
  })) {
    symlinkSync(target, join(root, name));
  }
  assert.equal((await roots.read(at("into/file"), 100)).toString(), "inside");
  assert.equal((await roots.read(at("again"), 100)).toString(), "inside");
  const leadsOut = [
    "to-file",
    "to-dir/secret",
    "to-dir/not-there",
    "up/secret",
    "chain/secret",
    "magic/etc/passwd",
    "fd/0",
    "dangling",
    "to-dir",
  ];
  const before = picture(outside);
  for (const path of leadsOut) {
    assert.equal(await codeOf(() => roots.stat(at(path))), "path_outside_roots", `stat ${path}`);
    assert.equal(await codeOf(() => roots.read(at(path), 100)), "path_outside_roots", `read ${path}`);
    assert.equal(await codeOf(() => roots.write(at(path), bytes("x"))), "path_outside_roots", `write ${path}`);
    assert.equal(await codeOf(() => roots.makeDirectory(at(`${path}/new`))), "path_outside_roots", `mkdir ${path}`);
  }
  assert.deepEqual(picture(outside), before);
});

test("the words of a refusal do not tell whether something exists outside", async (context) => {
  const { root, outside, roots, at } = makeWorld(context);
  symlinkSync(outside, join(root, "out"));
  const words = async (name: string) => {
    const error: unknown = await roots.read(at(`out/${name}`), 100).catch((caught: unknown) => caught);
    return String(error).replace(name, "NAME");
  };
  assert.equal(await words("secret"), await words("nothing"));
});

test("a root may itself be a link, and both of its names work", async (context) => {
  const { top, root } = makeWorld(context, { file: "content" });
  const link = join(top, "link");
  symlinkSync(root, link);
  using roots = openRoots({ roots: [{ path: link, write: true }], hidden: [] });
  assert.deepEqual(roots.list, [{ path: root, write: true }]);
  for (const path of [join(link, "file"), join(root, "file"), "file"]) {
    assert.equal((await roots.read(roots.locate(path, root), 100)).toString(), "content");
  }
});

test("a path that leads to nothing is null or path_not_found, and a long or looping one is invalid", async (context) => {
  const { roots, at } = makeWorld(context, { file: "f", a: "-> b", b: "-> a", loose: "-> missing" });
  assert.equal(await roots.stat(at("missing/deeper")), null);
  assert.equal(await roots.stat(at("file/deeper")), null);
  assert.equal(await roots.stat(at("loose")), null);
  assert.equal((await roots.lstat(at("loose")))?.type, "symlink");
  assert.equal(await codeOf(() => roots.read(at("missing"), 1)), "path_not_found");
  assert.equal(await codeOf(() => roots.read(at("a"), 1)), "invalid_path");
  assert.equal(await codeOf(() => roots.read(at("n".repeat(300)), 1)), "invalid_path");
});

test("names are taken literally", async (context) => {
  const { root, roots, at } = makeWorld(context);
  const names = ["%2e%2e", "trailing ", "dots..", "...", "back\\slash", "é", "e\u0301", "-rf", "*", "new\nline"];
  for (const name of names) await roots.write(at(name), bytes(name));
  assert.deepEqual(picture(root), Object.fromEntries([...names].sort().map((name) => [name, name])));
});

test("what is not a regular file is never opened", async (context) => {
  const { root, roots, at } = makeWorld(context, { "dir/file": "f" });
  const server = createServer().listen(join(root, "socket"));
  context.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  execFileSync("/usr/bin/mkfifo", [join(root, "fifo")]);
  for (const path of ["dir", "socket", "fifo"]) {
    assert.equal(await codeOf(() => roots.read(at(path), 10)), "not_a_file");
    assert.equal(await codeOf(() => roots.open(at(path))), "not_a_file");
    assert.equal(await codeOf(() => roots.write(at(path), bytes("x"))), "not_a_file");
  }
});

test("hidden places are denied by every way that leads there, and are not listed", async (context) => {
  const files = { ".ssh/id": "key", ".netrc": "password", open: "o", link: "-> .ssh/id", dirlink: "-> .ssh" };
  const { root, roots, at } = makeWorld(context, files, [".ssh", ".netrc"]);
  for (const path of [".ssh", ".ssh/id", ".ssh/new", ".netrc", "x/../.netrc"]) {
    assert.equal(await codeOf(() => at(path)), "denied", path);
  }
  for (const path of ["link", "dirlink/id"]) {
    assert.equal(await codeOf(() => roots.read(at(path), 10)), "denied", path);
    assert.equal(await codeOf(() => roots.write(at(path), bytes("x"))), "denied", path);
  }
  assert.deepEqual((await roots.entries(at("."))).map(({ name }) => name).sort(), ["dirlink", "link", "open"]);
  assert.deepEqual(picture(root), Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))));
});

test("a directory that holds something hidden cannot be moved or removed", async (context) => {
  const { roots, at } = makeWorld(context, { "home/.ssh/id": "key" }, ["home/.ssh"]);
  assert.equal(await codeOf(() => roots.removeDirectory(at("home"), { recursive: true })), "denied");
  assert.equal(await codeOf(() => roots.move(at("home"), at("other"), { overwrite: false })), "denied");
});

test("a directory that holds another root cannot be moved or removed", async (context) => {
  const { root } = makeWorld(context, { "a/inner/file": "f" });
  const both = [
    { path: root, write: true },
    { path: join(root, "a/inner"), write: false },
  ];
  using roots = openRoots({ roots: both, hidden: [] });
  const at = (path: string) => roots.locate(path, root);
  assert.equal(await codeOf(() => roots.removeDirectory(at("a"), { recursive: true })), "denied");
  assert.equal(await codeOf(() => roots.move(at("a"), at("b"), { overwrite: false })), "denied");
});

test("a root inside a hidden place cannot be opened", async (context) => {
  const { root } = makeWorld(context, { "state/x": "" });
  const options = { roots: [{ path: join(root, "state"), write: true }], hidden: [root] };
  assert.equal(await codeOf(() => openRoots(options)), "denied");
});

test("a root that is the whole machine shows no process and no device", async () => {
  using roots = openRoots({ roots: [{ path: "/", write: true }], hidden: [] });
  for (const path of ["/proc/self/environ", "/proc/self/fd/0", "/sys/kernel", "/proc"]) {
    assert.equal(await codeOf(() => roots.locate(path, "/")), "denied", path);
  }
  assert.equal(await codeOf(() => roots.entries(roots.locate("/dev/fd", "/"))), "denied");
  assert.equal(await codeOf(() => roots.read(roots.locate("/dev/null", "/"), 10)), "not_a_file");
  const names = (await roots.entries(roots.locate("/", "/"))).map(({ name }) => name);
  assert.deepEqual([names.includes("proc"), names.includes("usr")], [false, true]);
});

test("git's configuration and hooks are not writable through file tools, in any repository", async (context) => {
  const files = { ".git/config": "c", "sub/.git/HEAD": "h", "plain/config": "p" };
  const { root, roots, at } = makeWorld(context, files);
  symlinkSync(".git", join(root, "alias"));
  const refused = [
    ".git/config",
    ".git/hooks/pre-commit",
    "sub/.git/config",
    "sub/.git/modules/m/hooks/x",
    "new/.git/HEAD",
    ".GIT/config",
    "alias/config",
    "sub/.git",
  ];
  for (const path of refused) assert.equal(await codeOf(() => roots.write(at(path), bytes("x"))), "denied", path);
  assert.equal(await codeOf(() => roots.makeDirectory(at("new/.git"))), "denied");
  assert.equal(await codeOf(() => roots.move(at("plain"), at("new/.git"), { overwrite: false })), "denied");
  assert.equal(await codeOf(() => roots.removeFile(at(".git/config"))), "denied");
  assert.equal(await codeOf(() => roots.move(at("plain"), at(".git/modules"), { overwrite: false })), "denied");
  assert.equal(await codeOf(() => roots.makeLink(at(".git/modules"), "../plain")), "denied");
  assert.equal(await codeOf(() => roots.write(at("sub/.git/HEAD"), bytes("h2"))), "ok");
  assert.equal((await roots.read(at(".git/config"), 10)).toString(), "c");
});

test("a read-only root, or a read-only one inside a writable one, is not changed", async (context) => {
  const { root } = makeWorld(context, { "vendor/file": "v", "src/file": "s", link: "-> vendor/file" });
  const both = [
    { path: root, write: true },
    { path: join(root, "vendor"), write: false },
  ];
  using roots = openRoots({ roots: both, hidden: [] });
  const at = (path: string) => roots.locate(path, root);
  for (const path of ["vendor/file", "vendor/new", "link"]) {
    assert.equal(await codeOf(() => roots.write(at(path), bytes("x"))), "readonly", path);
  }
  assert.equal(at("vendor/file").write, false);
  assert.equal(await codeOf(() => roots.write(at("src/file"), bytes("x"))), "ok");
  const narrow = roots.narrow({ paths: [root], readonly: true });
  assert.deepEqual(narrow.list, [{ path: root, write: false }]);
  assert.equal(await codeOf(() => narrow.write(narrow.locate("src/file", root), bytes("y"))), "readonly");
});

test("narrowed roots leave out the others", async (context) => {
  const { root, outside } = makeWorld(context, { file: "f" });
  using roots = openRoots({
    roots: [
      { path: root, write: true },
      { path: outside, write: true },
    ],
    hidden: [],
  });
  const narrow = roots.narrow({ paths: [root], readonly: false });
  assert.equal(await codeOf(() => narrow.read(roots.locate(join(outside, "secret"), root), 100)), "path_outside_roots");
  assert.equal(await codeOf(() => narrow.locate(join(outside, "secret"), root)), "path_outside_roots");
});

test("a root that was renamed is followed, and one that was made anew is opened again, but never through a link", async (context) => {
  const { top, root, outside, roots, at } = makeWorld(context, { file: "first" });
  const place = at("file");
  renameSync(root, join(top, "moved"));
  assert.equal((await roots.read(place, 100)).toString(), "first");
  rmSync(join(top, "moved"), { recursive: true });
  symlinkSync(outside, root);
  assert.equal(await codeOf(() => roots.read(at("secret"), 100)), "path_not_found");
  rmSync(root);
  fill(root, { file: "second" });
  assert.equal((await roots.read(place, 100)).toString(), "second");
});

test("another name of a file keeps its content when the file is written", async (context) => {
  const { root, outside, roots, at } = makeWorld(context);
  linkSync(join(outside, "secret"), join(root, "hard"));
  await roots.write(at("hard"), bytes("changed"));
  assert.equal(readFileSync(join(outside, "secret"), "utf8"), secret);
  assert.equal(readFileSync(join(root, "hard"), "utf8"), "changed");
});

test("a directory with control characters in its name is named harmlessly in messages", async (context) => {
  const { root, roots, at } = makeWorld(context);
  mkdirSync(join(root, "bad\u001b[2Jname"));
  const error: unknown = await roots.read(at("bad\u001b[2Jname"), 1).catch((caught: unknown) => caught);
  assert.match(String(error), /bad\\u\{1b\}\[2Jname/);
});
