/** What is released, as its users have it: the package installed by npm, the archive unpacked. */
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { makeArchive } from "../../scripts/release/archive.ts";
import { machineOf } from "../../scripts/release/elf.ts";
import { makeNpmPackage } from "../../scripts/release/npm-package.ts";
import { tarball } from "../../scripts/release/programs.ts";
import { needs } from "../needs.ts";
import { repository } from "../sources.ts";
import { until } from "../world/until.ts";
import { startProgram } from "../world/up.ts";

const patienceMs = 120_000;
const processor = process.arch === "arm64" ? "arm64" : "x64";

function temporary(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "paddock-release-"));
  context.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** What a new user does with the command, in an empty home: starts it, calls a tool, asks the doctor, ends it. */
async function serves(command: string, folder: string, path: string): Promise<void> {
  const [home, workspace] = [join(folder, "home"), join(folder, "home", "work")];
  mkdirSync(workspace, { recursive: true });
  const environment = { PATH: path, HOME: home, LANG: "C.UTF-8", PADDOCK_PORT: "0" };
  const say = async (...args: string[]) =>
    (await promisify(execFile)(command, args, { cwd: workspace, env: environment })).stdout;
  await using running = startProgram([command, "up", "--workspace", workspace, "--json"], {
    cwd: workspace,
    environment,
  });
  await until(() => running.said().includes("\n"), patienceMs);
  assert.deepEqual(Object.keys(JSON.parse(running.said())).slice(0, 2), ["address", "workspace"]);

  await say("call", "write_file", "--path", "note.txt", "--content", "written\n");
  assert.equal(readFileSync(join(workspace, "note.txt"), "utf8"), "written\n");
  assert.match(await say("call", "grep", "--pattern", "written"), /note\.txt/);
  assert.match(await say("call", "run_command", "--command", "cat note.txt && echo $HOME"), /written\n\/run\/home/);
  await say("call", "replace_regex", "--path", "note.txt", "--pattern", "wr(.*)", "--replacement", "$1");
  assert.equal(readFileSync(join(workspace, "note.txt"), "utf8"), "itten\n");
  const token = JSON.parse(await say("token", "create", "--name", "laptop", "--json")).token;
  const answer = await fetch(`${JSON.parse(running.said()).address}/api/v1/tools/agent_status`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: "{}",
  });
  assert.equal(answer.status, 200);
  assert.match(await say("doctor"), /\nNothing is broken\.\n$/);
  assert.match(await say("completion", "bash"), /complete .*paddock/);
  assert.equal(running.complained(), "");
}

test("the npm package installs into an empty place, and serves", needs("bwrap", "git"), async (context) => {
  const folder = temporary(context);
  const file = makeNpmPackage(repository, folder);
  const prefix = join(folder, "prefix");
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", "--global", "--prefix", prefix, ...flags, join(folder, file)], { stdio: "ignore" });
  const bin = join(prefix, "bin");
  await serves(join(bin, "paddock"), folder, `${bin}:${process.env.PATH}`);
});

test("the npm package holds what is needed and nothing of the workshop, the same bytes each time", (context) => {
  const [one, two] = [temporary(context), temporary(context)];
  const files = [one, two].map((folder) => readFileSync(join(folder, makeNpmPackage(repository, folder))));
  assert.ok(files[0] && files[1] && files[0].equals(files[1]));
  const listed = execFileSync("tar", ["-tz"], { input: files[0], encoding: "utf8" }).trim().split("\n");
  const wrong = listed.filter((name) => /[.]test[.]|[.]fixture[.]|[.]ts$|\/(test|bench|scripts|[.]ci)\//.test(name));
  assert.deepEqual(wrong, []);
  for (const name of ["LICENSE", "THIRD-PARTY-LICENSES.md", "npm-shrinkwrap.json", "docs/machine.md"])
    assert.ok(listed.includes(`package/${name}`), name);
  const jsonIn = (name: string) =>
    JSON.parse(execFileSync("tar", ["-xzO", `package/${name}`], { input: files[0], encoding: "utf8" }));
  const manifest = jsonIn("package.json");
  assert.deepEqual([manifest.scripts, manifest.devDependencies, manifest.private], [undefined, undefined, undefined]);
  assert.ok(Object.values<string>(manifest.dependencies).every((version) => /^\d+\.\d+\.\d+$/.test(version)));
  const locked = Object.entries<{ integrity?: string }>(jsonIn("npm-shrinkwrap.json").packages);
  assert.deepEqual(
    locked.filter(([place, { integrity }]) => place !== "" && integrity === undefined),
    [],
  );
});

test(
  "the archive for this processor serves on its own Node, by a link from elsewhere",
  needs("bwrap", "git"),
  async (context) => {
    const folder = temporary(context);
    const file = makeArchive(repository, processor, folder);
    execFileSync("tar", ["-xzf", file], { cwd: folder });
    const bin = join(folder, "bin");
    mkdirSync(bin);
    symlinkSync(join(folder, file.replace(".tar.gz", ""), "bin", "paddock"), join(bin, "paddock"));
    await serves(join(bin, "paddock"), folder, `${bin}:/usr/bin:/bin`);
  },
);

test("the archive for the other processor holds programs for that one only", (context) => {
  const folder = temporary(context);
  const other = processor === "x64" ? "arm64" : "x64";
  const file = makeArchive(repository, other, folder);
  execFileSync("tar", ["-xzf", file], { cwd: folder });
  const unpacked = join(folder, file.replace(".tar.gz", ""));
  const programs = globSync("**/*", { cwd: unpacked, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ name: entry.name, machine: machineOf(join(entry.parentPath, entry.name)) }))
    .filter(({ machine }) => machine !== null);
  assert.deepEqual([...new Set(programs.map(({ machine }) => machine))], [other]);
  const names = programs.map(({ name }) => name);
  assert.deepEqual(
    [`linux-${other}.node`, "node", "rg"].filter((name) => !names.includes(name)),
    [],
  );
});

test("the same files are the same archive, whenever and by whomever they were written", (context) => {
  const folder = temporary(context);
  const [one, two] = [join(folder, "1"), join(folder, "2")];
  for (const [parent, names, time] of [
    [one, ["a", "b"], 1],
    [two, ["b", "a"], 2],
  ] as const) {
    mkdirSync(join(parent, "x"), { recursive: true });
    for (const name of names) writeFileSync(join(parent, "x", name), name, { mode: time === 1 ? 0o600 : 0o664 });
    for (const name of names) utimesSync(join(parent, "x", name), time, time);
    tarball(`${parent}.tar.gz`, parent, "x");
  }
  assert.ok(readFileSync(`${one}.tar.gz`).equals(readFileSync(`${two}.tar.gz`)));
});

test("an old Node is told what to do", async (context) => {
  const pretend = join(temporary(context), "old.mjs");
  writeFileSync(
    pretend,
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.19.5" } });',
  );
  const command = join(repository, "packages", "cli", "bin", "paddock.mjs");
  const said = await promisify(execFile)(process.execPath, [`--import=${pretend}`, command, "status"]).catch(
    (error) => error,
  );
  assert.equal(said.code, 2);
  assert.match(said.stderr, /^paddock: needs Node 24\.2 or newer, and this is 20\.19\.5\.\n {2}Install a newer Node/);
});
