import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { readScript } from "../gate/shell-text.ts";
import { programFiles } from "./program-files.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "paddock-programs-")));
after(() => rmSync(folder, { recursive: true }));
const bin = join(folder, "bin");
mkdirSync(bin);
mkdirSync(join(folder, "sub"));

const put = (name: string, text: string, mode = 0o644) => {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), mode);
};
put("bin/tool", "#!/bin/sh\n", 0o755);
put("deploy.sh", "echo a\n");
put("sub/deploy.sh", "echo b\n");
put("run", "#!/bin/sh\n", 0o755);
put("Makefile", "all:\n");
put("notes.txt", "words\n");
symlinkSync("run", join(folder, "link"));

const found = async (command: string) =>
  (await programFiles(readScript(command), { directory: folder, folders: [bin] })).map(({ path }) =>
    relative(folder, path),
  );

test("programs, the scripts they are given and what they read unasked are found; plain arguments are not", async () => {
  assert.deepEqual(await found("tool notes.txt"), ["bin/tool"]);
  assert.deepEqual(await found("bash deploy.sh --now"), ["deploy.sh"]);
  assert.deepEqual(await found(". ./deploy.sh"), ["deploy.sh"]);
  assert.deepEqual(await found("./run && ./link"), ["run"]);
  assert.deepEqual(await found("tool ./run"), ["bin/tool", "run"]);
  assert.deepEqual(await found("make all"), ["Makefile"]);
  assert.deepEqual(await found("timeout 5 bash deploy.sh"), ["deploy.sh"]);
  assert.deepEqual(await found("nothing-of-this-name"), []);
});

test("a script is looked for in each directory that the command goes to", async () => {
  assert.deepEqual(await found("cd sub && bash deploy.sh"), ["deploy.sh", "sub/deploy.sh"]);
});

test("a file is named by its content; a large one, or one that is no file, holds nobody up", async () => {
  const digest = async (command: string) =>
    (await programFiles(readScript(command), { directory: folder, folders: [bin] })).map((file) => file.digest);
  const before = await digest("bash deploy.sh");
  put("deploy.sh", "echo b\n");
  assert.notDeepEqual(await digest("bash deploy.sh"), before);
  put("large", "#!/bin/sh\n", 0o755);
  truncateSync(join(folder, "large"), 1024 * 1024 * 1024);
  assert.match((await digest("./large"))[0] ?? "", /^inode /);
  assert.deepEqual(await digest("bash /dev/zero"), []);
});

test("a command that names more files than are looked at is bound as such", async () => {
  for (let index = 0; index < 70; index += 1) put(`sub/s${index}`, String(index));
  const names = Array.from({ length: 70 }, (_, index) => `sub/s${index}`);
  const files = await programFiles(readScript(`bash ${names.join(" ")}`), { directory: folder, folders: [bin] });
  assert.deepEqual([files.length, files.at(-1)?.path], [65, "..."]);
});
