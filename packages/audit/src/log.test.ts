import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { place } from "./log.fixture.ts";
import { lastRecords } from "./records.ts";

test("the chain goes on over restarts and rotation, and old files go", () => {
  using at = place();
  for (let restart = 0; restart < 10; restart += 1) at.wrote(5, { maxBytes: 700 });
  const { ok, head } = at.verify();
  assert.equal(ok, true);
  assert.deepEqual([existsSync(`${at.file}.3`), existsSync(`${at.file}.4`)], [true, false]);
  assert.deepEqual(
    lastRecords(at.folder, 2).map(({ seq }) => seq),
    [Number(head?.seq) - 1, head?.seq],
  );
  assert.equal(
    lastRecords(at.folder, 10_000)[0]?.seq,
    JSON.parse(readFileSync(`${at.file}.3`, "utf8").split("\n")[0] ?? "").seq,
  );
});

test("half a line at the end, as a crash leaves it, is cut off and the chain holds", () => {
  using at = place();
  at.wrote(2);
  appendFileSync(at.file, '{"seq":3,"at":"20');
  assert.equal(at.verify().ok, true);
  at.wrote(1);
  assert.deepEqual([at.verify().ok, at.verify().records], [true, 3]);
});

test("a log whose end is no record is not continued", () => {
  for (const text of ["hello\n", "\n", "x".repeat(600 * 1024)]) {
    using at = place();
    writeFileSync(at.file, text);
    assert.throws(() => at.open(), { code: "audit_unavailable" });
  }
});

test("inputs and details are masked and shortened", () => {
  using at = place();
  const log = at.open();
  const secret = `pad_${"A".repeat(43)}`;
  log.write({
    event: "call.refused",
    input: { content: "x".repeat(5000), header: `Bearer ${secret}` },
    detail: { secret },
  });
  log.close();
  const text = readFileSync(at.file, "utf8");
  assert.equal(text.includes("A".repeat(43)), false);
  assert.ok(text.length < 1000);
});

test("the key and the signed end belong to the owner alone", () => {
  using at = place();
  at.wrote(1);
  for (const name of ["audit.key", "audit.head.json", "audit.jsonl"])
    assert.equal(statSync(join(at.folder, name)).mode & 0o777, 0o600, name);
});

test("a log that is removed or replaced while it is written goes on, with what had not been looked after, and says so", () => {
  for (const [planted, reason] of [
    [false, "removed"],
    [true, "replaced"],
  ] as const) {
    using at = place();
    const log = at.open();
    log.write({ event: "call.started" });
    rmSync(at.file);
    if (planted) writeFileSync(at.file, "planted\n");
    log.write({ event: "call.finished" });
    log.seal();
    assert.deepEqual(at.events(), ["call.started", "call.finished", `log.damaged ${reason}`]);
    log.close();
    assert.deepEqual(at.faults(), ["damaged@3"]);
  }
});

test("a log that is cut or extended while it is written goes on, and verify says what is wrong", () => {
  using at = place();
  const log = at.open();
  log.write({ event: "call.started" });
  log.write({ event: "call.finished" });
  log.seal();
  truncateSync(at.file, statSync(at.file).size - 10);
  log.seal();
  appendFileSync(at.file, "planted\n");
  log.close();
  assert.deepEqual(at.faults(), ["missing@3", "damaged@3", "not_a_record@4", "damaged@4"]);
});

test("without its folder nothing can be written, and with it again what waited is there", () => {
  using at = place();
  const log = at.open();
  log.write({ event: "call.started" });
  log.seal();
  const aside = `${at.folder}-aside`;
  renameSync(at.folder, aside);
  log.seal();
  assert.equal(log.writable, false);
  assert.throws(() => log.mustBeWritable(), { code: "audit_unavailable" });
  log.write({ event: "call.finished" });
  renameSync(aside, at.folder);
  assert.equal(log.writable, true);
  log.close();
  assert.deepEqual(at.events(), ["call.started", "call.finished"]);
  assert.equal(at.verify().ok, true);
});

test("what does not fit while nothing can be written is counted", () => {
  using at = place();
  const log = at.open();
  log.write({ event: "call.started" });
  const aside = `${at.folder}-aside`;
  renameSync(at.folder, aside);
  log.seal();
  for (let index = 0; index < 2_100; index += 1) log.write({ event: "call.refused" });
  renameSync(aside, at.folder);
  assert.equal(log.writable, true);
  log.close();
  assert.deepEqual(lastRecords(at.folder, 1)[0]?.detail, { reason: "unwritable", left: 100 });
});

test("a clock that goes back is on record", (context) => {
  using at = place();
  context.mock.timers.enable({ apis: ["Date"], now: Date.parse("2026-05-01T12:00:00Z") });
  const log = at.open();
  log.write({ event: "call.started" });
  context.mock.timers.setTime(Date.parse("2026-05-01T11:00:00Z"));
  log.write({ event: "call.finished" });
  log.close();
  assert.deepEqual(at.events(), ["call.started", "clock.moved", "call.finished"]);
  assert.deepEqual(lastRecords(at.folder, 2)[0]?.detail, { from: "2026-05-01T12:00:00.000Z" });
});

test("records that were cut off while nothing ran are missed at the next start, and no number is used twice", () => {
  using at = place();
  at.wrote(5);
  const lines = at.lines();
  writeFileSync(at.file, `${lines.slice(0, 3).join("\n")}\n`);
  assert.deepEqual(at.faults(), ["cut_tail@4"]);
  at.wrote(1);
  assert.deepEqual(lastRecords(at.folder, 2)[0]?.detail, { reason: "cut_tail", missing: [4, 5] });
  assert.deepEqual(
    lastRecords(at.folder, 2).map(({ seq }) => seq),
    [6, 7],
  );
  assert.deepEqual(at.faults(), ["missing@6", "damaged@6"]);
});

test("a log that was rewritten while nothing ran is found at the next start, and so is a signed end that was taken away", () => {
  using at = place();
  using other = place();
  at.wrote(3);
  other.wrote(2);
  other.wrote(1);
  writeFileSync(at.file, readFileSync(other.file));
  assert.deepEqual(at.faults(), ["rewritten@3"]);
  rmSync(join(other.folder, "audit.head.json"));
  assert.deepEqual(other.faults(), ["head_missing@0"]);
  at.wrote(1);
  other.wrote(1);
  assert.equal(lastRecords(at.folder, 2)[0]?.detail?.reason, "rewritten");
  assert.equal(lastRecords(other.folder, 2)[0]?.detail?.reason, "head_missing");
});
