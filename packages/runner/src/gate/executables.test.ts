import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { executableOf, foldersFor, isElsewhere } from "./executables.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "paddock-exe-")));
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
for (const name of ["bin", "etc", "work/bin", "first"]) mkdirSync(at(name), { recursive: true });
for (const name of ["bin/tool-1.2", "work/bin/tool", "work/bin/own"]) {
  writeFileSync(at(name), "#!/bin/sh\n");
  chmodSync(at(name), 0o755);
}
writeFileSync(at("first", "tool"), "not executable");
symlinkSync("../etc/tool", at("bin", "tool"));
symlinkSync(at("bin", "tool-1.2"), at("etc", "tool"));
symlinkSync("loop", at("bin", "loop"));
symlinkSync(at("work", "bin", "own"), at("bin", "planted"));

const lookUp = { folders: [at("first"), at("bin")], directory: at("work"), writable: [at("work")] };
const found = (program: string) => executableOf(program, lookUp);

test("a name leads to the first file that can be run, over every link to the file itself", () => {
  assert.deepEqual(found("tool"), { leadsTo: [at("bin/tool"), at("etc/tool"), at("bin/tool-1.2")], writable: false });
});

test("a path is taken as it is, from the directory of the command", () => {
  assert.deepEqual(found("./bin/tool"), { leadsTo: [at("work/bin/tool")], writable: true });
  assert.deepEqual(found(at("bin/tool-1.2")), { leadsTo: [at("bin/tool-1.2")], writable: false });
});

test("a link into a place where agents write is told", () => {
  assert.deepEqual(found("planted"), { leadsTo: [at("bin/planted"), at("work/bin/own")], writable: true });
});

test("what is not there, cannot be run or leads in a circle is not found", () => {
  for (const program of ["nothing", "loop", "first/tool", "", ".", "a\0b", "/", "bin"]) {
    assert.deepEqual(found(program), { leadsTo: [], writable: false }, program);
  }
});

test("the owner's folders come first, and none that depends on the directory", () => {
  const folders = foldersFor({}, "/opt/x/bin:.:bin::/usr/bin", []);
  assert.deepEqual(folders.slice(0, 3), ["/opt/x/bin", "/usr/bin", "/usr/local/bin"]);
});

test("outside of cages nothing is looked for where agents can write, inside it is", () => {
  const roots = [{ path: at("work"), write: true }];
  const searchPath = `${at("work/bin")}:${at("bin")}`;
  assert.deepEqual(foldersFor({ noCage: true }, searchPath, roots), [at("bin")]);
  assert.deepEqual(foldersFor({}, searchPath, roots).slice(0, 2), [at("work/bin"), at("bin")]);
});

test("a relative name is not looked up where the text may have changed the directory, and none where it changes the root", () => {
  const cases = [
    isElsewhere("./x", ["./x", "timeout"]),
    isElsewhere("./x", ["cd", "./x"]),
    isElsewhere("./x", ["/usr/bin/env", "./x"]),
    isElsewhere("/bin/x", ["cd", "/bin/x"]),
    isElsewhere("x", ["cd", "x", null]),
    isElsewhere("x", ["chroot", "x"]),
  ];
  assert.deepEqual(cases, [false, true, true, false, false, true]);
});
