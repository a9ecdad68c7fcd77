/** The small view of programs that need nothing of the system. Ripgrep is such a program. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { rgPath } from "@vscode/ripgrep";
import { needs } from "../../../../test/needs.ts";
import type { CageSpec } from "./cage.ts";
import { makeCages, type TestCages } from "./cages.fixture.ts";
import { isStaticProgram } from "./static-program.ts";

const withBwrap = needs("bwrap");
const bounds = { maxBytes: 1024 * 1024, timeoutMs: 20_000 };

/** What a bare cage of ripgrep prints, line by line and sorted. */
async function printed(place: TestCages, options: readonly string[], changes: Partial<CageSpec> = {}) {
  const mounts = [{ path: rgPath, write: false }];
  const argv = [rgPath, "--no-config", ...options];
  const spec = place.spec({ argv, profile: "readonly", mounts, bare: true, ...changes });
  const { stdout } = await place.cages.run(spec, bounds);
  return stdout.toString().split("\n").filter(Boolean).toSorted();
}

const listed = ["--files", "--hidden", "--no-ignore"];
const usualHere = "this machine has no control groups, or a ripgrep that needs libraries";
const isBare = (place: TestCages) => place.cages.proof.memory === "cage" && isStaticProgram(rgPath);

test("a bare cage shows its root, the program, and nothing of the system or of a home", withBwrap, async (context) => {
  await using place = await makeCages();
  if (!isBare(place)) return context.diagnostic(usualHere);
  writeFileSync(join(place.workspace, "note"), "");
  const everything = await printed(place, [...listed, "/"]);
  const files = everything.filter((path) => !path.startsWith("/proc/"));
  assert.deepEqual(files, [rgPath, join(place.workspace, "note")].toSorted());
});

test("what a bare cage shows, the usual one shows too", withBwrap, async () => {
  await using place = await makeCages();
  writeFileSync(join(place.workspace, "note"), "");
  const options = [...listed, "/run", "/tmp", "/etc", place.workspace];
  const usual = await printed(place, options, { bare: false });
  const bare = await printed(place, options);
  assert.deepEqual(
    bare.filter((path) => !usual.includes(path)),
    [],
  );
  assert.ok(bare.includes(join(place.workspace, "note")));
});

test("what is hidden is masked in a bare cage too, folders and files", withBwrap, async () => {
  await using place = await makeCages("bwrap", ({ ownerHome }) => {
    mkdirSync(join(ownerHome, ".ssh"));
    writeFileSync(join(ownerHome, ".ssh", "id"), "key");
    writeFileSync(join(ownerHome, "diary"), "day");
  });
  const roots = [{ path: place.ownerHome, write: true }];
  assert.deepEqual(await printed(place, [...listed, "."], { roots, cwd: place.ownerHome }), ["./diary"]);
  const top = [{ path: join(place.home, ".."), write: true }];
  const found = await printed(place, [...listed, ".."], { roots: top });
  assert.deepEqual(found, ["../owner/diary"]);
});

test("a bare cage has no environment, no capabilities, and its own processes only", withBwrap, async (context) => {
  await using place = await makeCages();
  if (!isBare(place)) return context.diagnostic(usualHere);
  const status = ["--no-filename", "^(CapEff|NoNewPrivs|Seccomp):", "/proc/self/status"];
  assert.deepEqual(await printed(place, status), ["CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"]);
  const variables = ["--text", "--only-matching", "--no-filename", "[A-Z]+=[^\\x00]*", "/proc/self/environ"];
  assert.deepEqual(await printed(place, variables, { env: { GIVEN: "yes" } }), ["GIVEN=yes", `PWD=${place.workspace}`]);
  const others = ["--files-with-matches", "--max-depth=2", "--glob=/proc/[0-9]*/comm", "", "/proc"];
  assert.ok((await printed(place, others)).length <= 2);
});

test("the limits of each process hold in a bare cage", withBwrap, async () => {
  await using place = await makeCages();
  const limits = { openFiles: 99, fileBytes: 1024 * 1024 };
  const wanted = ["--no-filename", "^Max (open files|file size|core file size)", "/proc/self/limits"];
  const said = (await printed(place, wanted, { limits })).map((line) => line.trim().replace(/ {2,}/g, "|"));
  assert.deepEqual(said, [
    "Max core file size|0|0|bytes",
    "Max file size|1048576|1048576|bytes",
    "Max open files|99|99|files",
  ]);
});

test("a program that needs libraries gets the usual view", withBwrap, async () => {
  await using place = await makeCages();
  assert.deepEqual(
    ["/usr/bin/env", "/usr/share", "/nowhere", "env"].map((path) => isStaticProgram(path)),
    [false, false, false, false],
  );
  const argv = ["/usr/bin/env", "printenv", "HOME"];
  const { stdout } = await place.cages.run(place.spec({ argv, bare: true }), bounds);
  assert.equal(stdout.toString(), "/run/home\n");
});
