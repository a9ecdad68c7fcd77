import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { place } from "./log.fixture.ts";
import { faultName, verifyLog } from "./verify.ts";

test("one flipped bit anywhere in a log is found, at its line", () => {
  using at = place();
  at.wrote(6);
  const whole = readFileSync(at.file);
  const { length } = at.lines();
  let line = 1;
  for (const [index, byte] of whole.entries()) {
    const changed = Buffer.from(whole);
    changed[index] = byte ^ (1 << (index % 8));
    writeFileSync(at.file, changed);
    const [fault] = at.verify().faults;
    // Of a lost line break only the line behind it can tell; of the last one, that the last record is gone.
    const expected = byte === 10 ? [line, line + 1, 0] : changed[index] === 10 ? [line, 0] : [line];
    assert.ok(fault && expected.includes(fault.line), `byte ${index} of line ${line}: ${JSON.stringify(fault)}`);
    if (byte === 10) line += 1;
  }
  assert.equal(line, length + 1);
});

test("a byte changed at random places of a large log of many files is found", () => {
  using at = place();
  at.wrote(20_000, { maxBytes: 1_000_000, keep: 10 });
  const files = [at.file, `${at.file}.1`, `${at.file}.2`];
  for (let round = 0; round < 12; round += 1) {
    const file = files[round % files.length] ?? at.file;
    const whole = readFileSync(file);
    const changed = Buffer.from(whole);
    const index = Math.floor(Math.random() * whole.length);
    changed[index] = (changed[index] ?? 0) ^ (1 + Math.floor(Math.random() * 255));
    writeFileSync(file, changed);
    assert.equal(at.verify().ok, false, `${file}, byte ${index}`);
    writeFileSync(file, whole);
  }
  assert.equal(at.verify().ok, true);
});

test("deleted, inserted, swapped and cut records are named", () => {
  using at = place();
  at.wrote(6);
  const lines = at.lines();
  const swapped = [0, 1, 3, 2, 4, 5].map((index) => lines[index]);
  const cases = [
    [lines.filter((_, index) => index !== 2), ["missing@4"]],
    [lines.toSpliced(3, 0, String(lines[2])), ["out_of_order@3"]],
    [swapped, ["out_of_order@3", "missing@4", "missing@5"]],
    [lines.slice(0, 4), ["cut_tail@5"]],
    [lines.slice(2), ["missing_file@1"]],
    [[], ["cut_tail@1"]],
  ] as const;
  for (const [changed, faults] of cases) {
    writeFileSync(at.file, changed.map((line) => `${line}\n`).join(""));
    assert.deepEqual(at.faults(), faults);
  }
});

test("a record that was changed, with all hashes behind it made anew, is not what was signed", () => {
  using at = place();
  using forger = place();
  at.wrote(3);
  const log = forger.open();
  for (const tool of ["tool_0", "harmless", "tool_2"]) log.write({ event: "call.refused", tool });
  log.close();
  copyFileSync(forger.file, at.file);
  assert.deepEqual(at.faults(), ["rewritten@3"]);
  copyFileSync(join(forger.folder, "audit.head.json"), join(at.folder, "audit.head.json"));
  assert.deepEqual(at.faults(), ["wrong_signature@3"]);
});

test("what rotation took is not missed, what somebody else took is", () => {
  using at = place();
  for (let round = 0; round < 8; round += 1) at.wrote(10, { maxBytes: 700, keep: 3 });
  assert.deepEqual(at.faults(), []);
  const between = `${at.file}.2`;
  const kept = readFileSync(between);
  rmSync(between);
  assert.match(at.faults().join(" "), /^missing@\d+$/);
  writeFileSync(between, kept);
  rmSync(`${at.file}.3`);
  assert.match(at.faults().join(" "), /^missing_file@\d+$/);
});

test("a log of which nothing is left is missed", () => {
  using at = place();
  at.wrote(4);
  rmSync(at.file);
  assert.deepEqual(at.faults(), ["cut_tail@1"]);
  assert.equal(existsSync(join(at.folder, "audit.key")), true);
});

test("what somebody else remembers of a log is held against it", () => {
  using at = place();
  at.wrote(3);
  const { head } = at.verify();
  const says = (seq: number, hash: string) => verifyLog(at.folder, [{ who: "the hub's log", heads: [{ seq, hash }] }]);
  assert.deepEqual(says(3, String(head?.hash)).faults, []);
  assert.deepEqual(says(2, "0".repeat(64)).faults.map(faultName), ["rewritten@2"]);
  assert.deepEqual(says(9, "0".repeat(64)).faults.map(faultName), ["cut_tail@4"]);
});

test("faults that the owner accepted are told apart, and only those", () => {
  using at = place();
  at.wrote(4);
  writeFileSync(
    at.file,
    at
      .lines()
      .filter((_, index) => index !== 1)
      .map((line) => `${line}\n`)
      .join(""),
  );
  const log = at.open();
  log.write({ event: "log.accepted", detail: { faults: at.verify().faults.map(faultName) } });
  log.close();
  const { ok, faults, accepted } = at.verify();
  assert.deepEqual([ok, faults, accepted.map(({ reason }) => reason)], [true, [], ["missing"]]);
  writeFileSync(at.file, readFileSync(at.file, "utf8").replace("tool_0", "tool_9"));
  assert.deepEqual(at.faults(), ["missing@3"]);
});
