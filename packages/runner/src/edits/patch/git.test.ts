import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { unifiedDiff } from "../diff.ts";
import { applyHunks } from "./apply.ts";
import { parsePatch } from "./parse.ts";

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "paddock-git-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** The same numbers for the same seed, below `limit`. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % limit;
  };
}

type Random = (limit: number) => number;

const words = [
  "",
  "}",
  "  return x;",
  "a",
  "--- x",
  "+++ y",
  "@@ z",
  "*** Update File: q",
  "\\ foo",
  "-- ",
  " lead",
  "tab\t",
  "é’",
];
const pick = <T>(random: Random, list: readonly T[]): T => list[random(list.length)] as T;
const body = (random: Random): string => pick(random, words) + (random(3) === 0 ? "" : random(100));
const endings = ["\n", "\n", "\n", "\r\n"] as const;

function randomFile(random: Random): string[] {
  const style = pick(random, [["\n"], ["\r\n"], endings]);
  return Array.from({ length: random(60) }, () => body(random) + pick(random, style));
}

function randomEdit(random: Random, file: readonly string[]): string[] {
  const lines = [...file];
  for (let step = 0; step <= random(5); step += 1) {
    const at = random(lines.length + 1);
    const added = random(3) === 0 ? [] : [body(random) + pick(random, endings)];
    lines.splice(at, random(2), ...added);
  }
  return lines;
}

const withoutLastNewline = (random: Random, lines: readonly string[]): string =>
  random(3) === 0 ? lines.join("").replace(/\r?\n$/, "") : lines.join("");

function applied(content: string, patch: string): string {
  const [section] = parsePatch(patch);
  assert.ok(section?.type === "update");
  const { content: result, match, warnings } = applyHunks(content, section.hunks, "f");
  assert.deepEqual([match, warnings], ["exact", []]);
  return result;
}

function gitDiff(old: string, changed: string): string {
  writeFileSync(join(folder, "f"), old);
  writeFileSync(join(folder, "g"), changed);
  const { stdout } = spawnSync("git", ["diff", "--no-index", "f", "g"], { cwd: folder, encoding: "utf8" });
  return stdout.replaceAll("b/g", "b/f");
}

function gitApply(old: string, patch: string): string {
  writeFileSync(join(folder, "f"), old);
  execFileSync("git", ["apply", "--whitespace=nowarn", "-"], { cwd: folder, input: patch, stdio: "pipe" });
  return readFileSync(join(folder, "f"), "utf8");
}

const changedLines = (diff: string): number => diff.match(/^[+-](?![+-]{2} [ab]\/f)/gm)?.length ?? 0;

test("for random files and edits, git's diff and ours both give exactly the new file, here and with git apply", () => {
  const random = randomFrom(20261120);
  for (let round = 0; round < 150; round += 1) {
    const file = randomFile(random);
    const [old, changed] = [withoutLastNewline(random, file), withoutLastNewline(random, randomEdit(random, file))];
    if (old === changed) continue;
    const [theirs, ours] = [gitDiff(old, changed), unifiedDiff(old, changed, "f").text];
    assert.equal(applied(old, theirs), changed, theirs);
    assert.equal(applied(old, ours), changed, ours);
    assert.equal(gitApply(old, ours), changed, ours);
    assert.ok(changedLines(ours) <= changedLines(theirs), `ours changes more lines:\n${ours}\n${theirs}`);
  }
});

test("a hunk still finds its place when lines were added far above it", () => {
  const random = randomFrom(7);
  for (let round = 0; round < 30; round += 1) {
    const lines = Array.from({ length: 40 }, (_, at) => `unique ${at} ${random(1000)}\n`);
    const old = lines.join("");
    const changed = lines.with(20 + random(15), "changed\n").join("");
    const shift = Array.from({ length: 1 + random(30) }, (_, at) => `shifted ${at}\n`).join("");
    assert.equal(applied(shift + old, gitDiff(old, changed)), shift + changed);
  }
});
