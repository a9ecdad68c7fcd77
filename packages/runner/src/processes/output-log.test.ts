import assert from "node:assert/strict";
import { test } from "node:test";
import { OutputLog } from "./output-log.ts";
import { headAndTail, incompleteEnd, wholeCharacters } from "./text.ts";

const filled = (maxBytes: number, ...chunks: string[]): OutputLog => {
  const log = new OutputLog(maxBytes);
  for (const chunk of chunks) log.push(Buffer.from(chunk));
  return log;
};
const text = (log: OutputLog, offset: number, maxBytes = 1000) => {
  const { bytes, from } = log.read(offset, maxBytes);
  return { text: bytes.toString(), from };
};

test("a short output is kept whole and read from any offset", () => {
  const log = filled(16, "abcdef", "ghij");
  assert.deepEqual(text(log, 0), { text: "abcdefghij", from: 0 });
  assert.deepEqual(text(log, 3, 4), { text: "defg", from: 3 });
  assert.deepEqual(text(log, 10), { text: "", from: 10 });
  assert.equal(log.total, 10);
});

test("of a long output the beginning and the end are kept, and a read in the gap goes on after it", () => {
  const log = filled(8, "0123456789", "abcdefghij");
  assert.deepEqual(text(log, 0), { text: "01", from: 0 });
  assert.deepEqual(text(log, 2), { text: "efghij", from: 14 });
  assert.deepEqual(text(log, 17), { text: "hij", from: 17 });
  assert.equal(log.total, 20);
});

test("the log agrees with the whole stream for every size of chunk", () => {
  const stream = Array.from({ length: 5000 }, (_, index) => String.fromCharCode(97 + (index % 26))).join("");
  for (const size of [1, 7, 64, 1000, 4999]) {
    const log = new OutputLog(300);
    for (let at = 0; at < stream.length; at += size) log.push(Buffer.from(stream.slice(at, at + size)));
    const end = log.readEnd(225);
    assert.equal(end.bytes.toString(), stream.slice(-225), `chunks of ${size}`);
    assert.equal(log.read(0, 75).bytes.toString(), stream.slice(0, 75));
  }
});

test("what is pushed may be overwritten afterwards", () => {
  const log = new OutputLog(100);
  const buffer = Buffer.from("first");
  log.push(buffer);
  buffer.fill("x");
  assert.equal(log.read(0, 100).bytes.toString(), "first");
});

test("a cut never splits a character", () => {
  assert.equal(incompleteEnd(Buffer.from("a€").subarray(0, 2)), 1);
  assert.equal(incompleteEnd(Buffer.from("a€")), 0);
  assert.equal(incompleteEnd(Buffer.from("😀").subarray(0, 3)), 3);
  assert.equal(wholeCharacters(Buffer.from("€a€").subarray(1, 6), { start: true, end: true }).toString(), "a");
});

test("the middle of a long text is left out and the gap is named", () => {
  assert.deepEqual(headAndTail(filled(1000, "short"), 100), { text: "short", truncated: false });
  assert.deepEqual(headAndTail(filled(1000, "a".repeat(50), "b".repeat(50)), 40), {
    text: `${"a".repeat(10)}\n[... 60 bytes left out ...]\n${"b".repeat(30)}`,
    truncated: true,
  });
});
